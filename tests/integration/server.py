# SPDX-License-Identifier: MIT
"""A Prosody of its own for one test run: loopback, free ports, a temporary folder, a throwaway authority.

As a program: `server.py FOLDER` starts one below FOLDER (which must not exist), writes FOLDER/env (lines NAME=value
for a shell) when it is ready, and stops it on SIGTERM, SIGINT, or when its parent is gone."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from authority import fingerprint
from launcher import PASSWORD, Launcher, ServerError

HERE = pathlib.Path(__file__).resolve().parent
PUBSUB = "pubsub.capulet.example"
ACCOUNTS = {"capulet.example": ["juliet", "nurse"], "montague.example": ["romeo", "benvolio"],
            "hashed.example": ["friar"]}
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
log = {{ {log_level} = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {starttls} }}
c2s_direct_tls_ports = {{ {direct} }}
legacy_ssl_ports = {{ {direct_tls12} }} -- direct TLS under its older name
-- which versions there are is decided before the client names a host
c2s_direct_tls_ssl = {{ protocol = "tlsv1_3" }}
legacy_ssl_ssl = {{ protocol = "tlsv1_2" }}
modules_disabled = {{ "s2s", "offline" }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "time", "version", "pep" }}
c2s_require_encryption = true
authentication = "internal_plain" -- so that SCRAM-SHA-1 and SCRAM-SHA-256 are both offered
certificates = "{folder}/none"
{settings}"""
HOST = """
VirtualHost "{domain}"
    authentication = "{store}"
    local tls = {{ certificate = "{certificate}", key = "{key}", protocol = "{protocol}" }}
    ssl = tls
    c2s_direct_tls_ssl = tls
    legacy_ssl_ssl = tls
    tls_server_end_point_hash = "{hash}" -- "auto" of 13.0 serves the first connection only
"""
COMPONENT = """
Component "{domain}" "pubsub"
    expose_publisher = true
"""
# every user of this server may create nodes
COMPONENT_0 = """    modules_enabled = {{ "pubsub_users_create" }}
"""
COMPONENT_13 = """    server_user_role = "prosody:registered"
    add_permissions = {{ ["prosody:registered"] = {{ "pubsub:create-node" }} }}
"""


class Server(Launcher):
    """capulet.example speaks TLS 1.3 and montague.example TLS 1.2 only, where Prosody 0.12 offers channel binding.

    `root` is where another Prosody was unpacked; without it the installed one is taken. `settings` are further lines of
    its configuration."""

    name = "Prosody"
    port_names = ("starttls", "direct", "direct_tls12")
    logs = ("output.log", "prosody.log")

    def __init__(self, folder, root=None, refused=REFUSED, log_level="debug", settings=""):
        super().__init__(folder)
        self.refused = refused
        self.log_level = log_level
        self.settings = settings
        self.root = pathlib.Path(root) if root else None
        for name in ("data", "none"):
            (self.folder / name).mkdir()
        if self.root:
            self._point_at_root()

    @property
    def port(self):
        return self.ports["starttls"]

    @property
    def direct_port(self):
        return self.ports["direct"]

    def version(self):
        return (self._lib() / "prosody.version").read_text().strip()

    def _lib(self):
        return (self.root or pathlib.Path("/")) / "usr/lib/prosody"

    # The programs name their folders in their own text.
    def _point_at_root(self):
        for name in ("prosody", "prosodyctl"):
            text = (self.root / "usr/bin" / name).read_text()
            for old, new in (("/usr/lib/prosody", self._lib()), ("/etc/prosody", self.folder),
                             ("/var/lib/prosody", self.folder / "data")):
                text = text.replace(f"'{old}", f"'{new}")
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def _program(self, name):
        return str(self.folder / name) if self.root else name

    def _host(self, domain, store="internal_plain", protocol="tlsv1_2+", authority="trusted", **how):
        how.setdefault("domains", [domain])
        certificate, key = self.authorities[authority].sign(domain, domain, **how)
        return HOST.format(domain=domain, store=store, protocol=protocol, certificate=certificate, key=key,
                           hash=fingerprint(certificate))

    def prepare(self):
        if not shutil.which("prosody"):
            raise ServerError("prosody is not installed")
        config = CONFIG.format(folder=self.folder, here=HERE, log_level=self.log_level, settings=self.settings,
                               **self.ports)
        config += self._host("capulet.example", protocol="tlsv1_3")
        config += self._host("montague.example", protocol="tlsv1_2")
        config += self._host("hashed.example", store="internal_hashed")
        config += "".join(self._host(domain, **how) for domain, how in self.refused.items())
        self.config = self.folder / "prosody.cfg.lua"
        creating = COMPONENT_0 if self.version().startswith("0.") else COMPONENT_13
        self.config.write_text(config + (COMPONENT + creating).format(domain=PUBSUB))
        for domain, users in ACCOUNTS.items():
            for user in users:
                self.register(user, domain)

    def register(self, user, domain, password=PASSWORD):
        done = subprocess.run([self._program("prosodyctl"), "--config", str(self.config), "register", user, domain,
                               password], capture_output=True, text=True)
        if done.returncode:
            raise ServerError(f"prosodyctl register {user} {domain}: {done.stdout}{done.stderr}")

    def command(self):
        return [self._program("prosody"), "-F", "--config", str(self.config)], None, None

    def address(self, domain, direct=False):
        """Where a client of this domain connects to."""
        if not direct:
            return f"127.0.0.1:{self.port}"
        return f"127.0.0.1:{self.ports['direct_tls12' if domain == 'montague.example' else 'direct']}"

    def pubsub(self, domain):
        """The service that users of this domain may create nodes at."""
        del domain
        return PUBSUB

    def environment(self):
        return {"XMPP_HOST": f"127.0.0.1:{self.port}", "XMPP_DIRECT_HOST": f"127.0.0.1:{self.direct_port}",
                "XMPP_CA": str(self.ca), "XMPP_PASSWORD": PASSWORD, "XMPP_PUBSUB": PUBSUB}


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
