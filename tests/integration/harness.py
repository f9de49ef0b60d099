# SPDX-License-Identifier: MIT
"""What the integration tests share: a driven client, programs that are run to their end, and TAP."""
import os
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import unittest

from server import PASSWORD, Server

# Nothing is decided by time; this only ends a test that hangs.
PATIENCE = 90
CLIENT = os.environ.get("ENVOI_CLIENT", "client")
EVENT = re.compile(r"(message|stanza|event|forged)")


class Lines:
    """The lines that a running program writes, as they come."""

    def __init__(self, process, stream):
        self.all = []
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self):
        """The next line; None at the end."""
        line = self._queue.get(timeout=PATIENCE)
        if line is not None:
            self.all.append(line)
        return line


class Program:
    """A program that runs beside the test, with its standard input and output in the test's hands."""

    def __init__(self, *command, environment=None, merge=False):
        """merge: what it says on standard error counts as its output."""
        self.command = [str(word) for word in command]
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT if merge else self.errors, text=True,
                                        env={**os.environ, **(environment or {})}, start_new_session=True)
        self.lines = Lines(self.process, self.process.stdout)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, pattern):
        """The match of the first line that fits, among those that were not looked at yet."""
        while True:
            line = self.lines.next()
            if line is None:
                raise AssertionError(f"{self.command[0]} ended without {pattern!r}\n{self.transcript()}")
            match = re.search(pattern, line)
            if match:
                return match

    def finish(self):
        """Close its input, let it end, and return its exit status."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        while self.lines.next() is not None:
            pass
        return self.process.wait(PATIENCE)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    def transcript(self):
        return "\n".join(self.lines.all) + "\n" + self.stderr()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close() if not self.process.stdin.closed else None
        self.process.stdout.close()
        self.errors.close()


class Client(Program):
    """tests/integration/client.c, logged in or on its way."""

    def __init__(self, jid, *flags, password=PASSWORD):
        super().__init__(CLIENT, "--jid", jid, "--password", password, *flags)
        self.inbox = []

    def ready(self):
        """Wait until it is logged in. Returns its full JID."""
        return self.wait_for(r"^ready (\S+)$").group(1)

    def closed(self):
        """Wait for the end: the error's name, and the whole line. Nothing may come behind it."""
        match = self.wait_for(r"^closed (\S+) ")
        status = self.finish()
        if status != 0 or self.lines.all[-1] != match.string:
            raise AssertionError(f"exit status {status} after closing\n{self.transcript()}")
        return match.group(1), match.string

    def ask(self, command):
        """Send a request. Returns the lines of its reply, the one that begins with `reply` last."""
        self.say(command)
        token, reply = None, []
        while True:
            line = self.lines.next()
            if line is None or line.startswith(("refused", "closed")):
                raise AssertionError(f"{command!r}: {line}\n{self.transcript()}")
            if line.startswith("asked "):
                token = line.split()[1]
            elif EVENT.match(line):
                self.inbox.append(line)
            elif line.startswith("reply "):
                if line.split()[1] == token:
                    return reply + [line]
                raise AssertionError(f"{command!r}: a reply to something else: {line}")
            else:
                reply.append(line)

    def must(self, command):
        """Send a request that must succeed. Returns the lines that its reply holds."""
        reply = self.ask(command)
        if " ENVOI_OK " not in reply[-1]:
            raise AssertionError(f"{command!r}: {reply[-1]}\n{self.transcript()}")
        return reply[:-1]

    def receive(self, pattern):
        """The first message or event that fits, in order of arrival."""
        while True:
            if not self.inbox:
                line = self.lines.next()
                if line is None:
                    raise AssertionError(f"the client ended without {pattern!r}\n{self.transcript()}")
                if EVENT.match(line):
                    self.inbox.append(line)
                continue
            match = re.search(pattern, self.inbox.pop(0))
            if match:
                return match


class ServerCase(unittest.TestCase):
    """Tests that share one Prosody."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="envoi-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = Server(pathlib.Path(cls.folder.name) / "server")
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    def client(self, jid, *flags, host=None, **options):
        """A client that ends with the test."""
        client = Client(jid, "--ca", self.server.ca, "--host", host or f"127.0.0.1:{self.server.port}", *flags,
                        **options)
        self.addCleanup(client.__exit__)
        return client

    def logged_in(self, jid, *flags, **options):
        client = self.client(jid, *flags, **options)
        client.jid = client.ready()
        return client


class Tap(unittest.TestResult):
    """Writes each result as a line of TAP, with what went wrong in comments behind it."""

    count = failed = 0

    def _line(self, test, fine, detail="", directive=""):
        Tap.count += 1
        Tap.failed += not fine
        name = getattr(test, "_testMethodName", str(test))
        print(f"{'ok' if fine else 'not ok'} {Tap.count} - {name}{directive}")
        for line in detail.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def addSuccess(self, test):
        self._line(test, True)

    def addError(self, test, err):
        self._line(test, False, self._exc_info_to_string(err, test))

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._line(subtest, False, f"{subtest}\n" + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        self._line(test, True, directive=f" # SKIP {reason}")


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    suite.run(Tap())
    print(f"1..{Tap.count}")
    sys.exit(1 if Tap.failed or not Tap.count else 0)
