# SPDX-License-Identifier: MIT
"""What all servers of the tests share: loopback, free ports, a temporary folder, throwaway authorities."""
import pathlib
import socket
import subprocess
import time

from authority import Authority

PASSWORD = "r0m30-myr0m30"
# Nothing is decided by time; this only ends a start that hangs.
PATIENCE = 60


class ServerError(RuntimeError):
    """The server did not start; the message says why."""


class Launcher:
    """A server process below `folder`, which must not exist. A kind of server says what to run, and on what ports."""

    port_names = ()
    logs = ("output.log",)

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None
        self.ports = {}
        self.folder.mkdir(parents=True)
        self.authorities = {"trusted": Authority(self.folder / "trusted", "Authority of one test run"),
                            "stranger": Authority(self.folder / "stranger", "Authority that nobody trusts")}
        self.ca = self.authorities["trusted"].certificate

    # What a kind of server must say

    def prepare(self):
        """Write the configuration, and make the accounts that must be there before the start."""

    def command(self):
        """What to run: words, working folder, further environment (or None: as it is)."""
        raise NotImplementedError

    def settle(self):
        """All ports answer: wait until the server is really ready, and make the accounts that need it to run."""

    # A port stays bound until the server listens: with SO_REUSEADDR on both sides Linux lets the server have it, and
    # gives it to nobody else.
    def _reserve(self):
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        return holder

    def start(self):
        holders = {name: self._reserve() for name in self.port_names}
        self.ports = {name: holder.getsockname()[1] for name, holder in holders.items()}
        self.prepare()
        self._launch()
        for holder in holders.values():
            holder.close()
        self.settle()
        return self

    def restart(self):
        """Up again after stop() or kill(), on the same ports."""
        self._launch()
        self.settle()

    def _launch(self):
        words, folder, environment = self.command()
        with open(self.folder / "output.log", "wb") as output:
            self.process = subprocess.Popen(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output)
        for port in self.ports.values():
            self.wait_until(lambda port=port: self._answers(port), f"no server on port {port}")

    @staticmethod
    def _answers(port):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    def wait_until(self, is_so, otherwise):
        end = time.monotonic() + PATIENCE
        while not is_so():
            if self.process.poll() is not None or time.monotonic() > end:
                raise ServerError(f"{otherwise}\n{self.log()}")
            time.sleep(0.02)

    def log(self):
        """The last lines of what the server said."""
        paths = (self.folder / name for name in self.logs)
        return "\n".join("\n".join(path.read_text(errors="replace").splitlines()[-20:]) for path in paths
                         if path.exists())

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

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
