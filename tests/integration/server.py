# SPDX-License-Identifier: MIT
"""A Prosody of its own for one test run: loopback, free ports, a temporary folder, a throwaway authority.

As a program: `server.py FOLDER` starts one below FOLDER (which must not exist), writes FOLDER/env (lines NAME=value
for a shell) when it is ready, and stops it on SIGTERM, SIGINT, or when its parent is gone."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

from authority import Authority

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "r0m30-myr0m30"
PUBSUB = "pubsub.capulet.example"
ACCOUNTS = {"capulet.example": ["juliet", "nurse"], "montague.example": ["romeo"], "hashed.example": ["friar"]}
# What a client must refuse: domain -> how its certificate is made
REFUSED = {
    "expired.example": dict(from_day=-30, to_day=-1),
    "early.example": dict(from_day=1, to_day=30),
    "wronghost.example": dict(domains=["elsewhere.example"]),
    "selfsigned.example": dict(self_signed=True),
    "untrusted.example": dict(authority="stranger"),
}
CONFIG = """-- written for one run
run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{ "{here}/prosody" }}
log = {{ debug = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {starttls} }}
c2s_direct_tls_ports = {{ {direct} }}
modules_disabled = {{ "s2s", "offline" }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "time", "version", "pep" }}
c2s_require_encryption = true
authentication = "internal_plain" -- so that SCRAM-SHA-1 and SCRAM-SHA-256 are both offered
certificates = "{folder}/none"
"""
HOST = """
VirtualHost "{domain}"
    authentication = "{store}"
    local tls = {{ certificate = "{certificate}", key = "{key}", protocol = "{protocol}" }}
    ssl = tls
    c2s_direct_tls_ssl = tls
"""
COMPONENT = """
Component "{domain}" "pubsub"
    modules_enabled = {{ "pubsub_users_create" }}
    expose_publisher = true
"""


class ServerError(RuntimeError):
    """The server did not start; the message says why."""


class Server:
    """capulet.example speaks TLS 1.3 and montague.example TLS 1.2 only, where Prosody 0.12 offers channel binding."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None
        self.folder.mkdir(parents=True)
        for name in ("data", "none"):
            (self.folder / name).mkdir()
        self.authorities = {"trusted": Authority(self.folder / "trusted", "Authority of one test run"),
                            "stranger": Authority(self.folder / "stranger", "Authority that nobody trusts")}
        self.ca = self.authorities["trusted"].certificate

    # A port stays bound until the server listens: with SO_REUSEADDR on both sides Linux lets the server have it, and
    # gives it to nobody else.
    def _reserve(self):
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        return holder

    def _host(self, domain, store="internal_plain", protocol="tlsv1_2+", authority="trusted", **how):
        how.setdefault("domains", [domain])
        certificate, key = self.authorities[authority].sign(domain, domain, **how)
        return HOST.format(domain=domain, store=store, protocol=protocol, certificate=certificate, key=key)

    def _configure(self):
        config = CONFIG.format(folder=self.folder, here=HERE, starttls=self.port, direct=self.direct_port)
        config += self._host("capulet.example", protocol="tlsv1_3")
        config += self._host("montague.example", protocol="tlsv1_2")
        config += self._host("hashed.example", store="internal_hashed")
        config += "".join(self._host(domain, **how) for domain, how in REFUSED.items())
        self.config = self.folder / "prosody.cfg.lua"
        self.config.write_text(config + COMPONENT.format(domain=PUBSUB))

    def register(self, user, domain, password=PASSWORD):
        done = subprocess.run(["prosodyctl", "--config", str(self.config), "register", user, domain, password],
                              capture_output=True, text=True)
        if done.returncode:
            raise ServerError(f"prosodyctl register {user} {domain}: {done.stdout}{done.stderr}")

    def start(self):
        if not shutil.which("prosody"):
            raise ServerError("prosody is not installed")
        holders = [self._reserve(), self._reserve()]
        self.port, self.direct_port = (holder.getsockname()[1] for holder in holders)
        self._configure()
        for domain, users in ACCOUNTS.items():
            for user in users:
                self.register(user, domain)
        with open(self.folder / "output.log", "wb") as output:
            self.process = subprocess.Popen(["prosody", "-F", "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        for port in (self.port, self.direct_port):
            self._wait_for(port)
        for holder in holders:
            holder.close()
        return self

    def _wait_for(self, port):
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise ServerError(f"no server on port {port}\n{self.log()}") from None
                time.sleep(0.02)

    def log(self):
        """The last lines of what the server said."""
        texts = [path.read_text(errors="replace") for path in (self.folder / "output.log", self.folder / "prosody.log")
                 if path.exists()]
        return "\n".join("\n".join(text.splitlines()[-20:]) for text in texts)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def environment(self):
        return {"XMPP_HOST": f"127.0.0.1:{self.port}", "XMPP_DIRECT_HOST": f"127.0.0.1:{self.direct_port}",
                "XMPP_CA": str(self.ca), "XMPP_PASSWORD": PASSWORD, "XMPP_PUBSUB": PUBSUB}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    with Server(folder) as server:
        try:
            server.start()
        except (ServerError, RuntimeError, OSError) as error:
            sys.exit(f"the server did not start: {error}")
        ready = folder / "env.new"
        ready.write_text("".join(f"{name}={value}\n" for name, value in server.environment().items()))
        ready.rename(folder / "env")
        while os.getppid() == parent and server.process.poll() is None:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
