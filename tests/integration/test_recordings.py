# SPDX-License-Identifier: MIT
"""Sessions with real servers are recorded (envoi/recorder.h) and played again without them: undisturbed, split at every
byte, cut at every byte by each kind of end, and with every byte damaged.

With a folder as its argument the recordings stay there."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import harness
from ejabberd import Ejabberd
from launcher import PASSWORD
from server import Server

TRANSCRIPT = os.environ.get("ENVOI_TRANSCRIPT", "transcript")
ENTRY = "<entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title></entry>"
DOMAINS = {"TLS 1.2": ("montague.example", "romeo", "benvolio"), "TLS 1.3": ("capulet.example", "juliet", "nurse")}


class Recorded:
    """A session at one server by one version of TLS."""

    def __init__(self, server, tls, path):
        self.server, self.path = server, path
        self.domain, self.owner, self.other = DOMAINS[tls]

    def client(self, name, *flags):
        return harness.Client(f"{name}@{self.domain}", "--ca", self.server.ca, "--host",
                              self.server.address(self.domain), *flags)

    def play(self):
        service, node = self.server.pubsub(self.domain), "recorded"
        with self.client(self.owner, "--record", self.path, "--service", service) as owner, \
                self.client(self.other) as other:
            jid = owner.ready()
            other_jid = other.ready()
            owner.say("presence")
            owner.must("ping")
            owner.say(f"message {other_jid} Wherefore art thou? {{nowhere}}")
            other.receive("^message")
            other.say(f"message {jid} By a name I know not how to tell thee")
            owner.receive("^message")
            owner.must(f"create {service} {node}")
            owner.must(f"subscribe {service} {node} {self.owner}@{self.domain}")
            owner.must(f"publish {service} {node} one {ENTRY.format('one')}")
            owner.receive(f"^event-item {node} one")
            owner.must(f"get {service} {node}")
            owner.must(f"retract {service} {node} one")
            owner.ask(f"get {service} absent")
            owner.must(f"delete {service} {node}")
            owner.say("close")
            error, line = owner.closed()
            if error != "ENVOI_OK":
                raise AssertionError(line)


    def refuse(self, path):
        """A login with another password."""
        with harness.Client(f"{self.owner}@{self.domain}", "--ca", self.server.ca, "--host",
                            self.server.address(self.domain), "--record", path, password="0" + PASSWORD) as client:
            if client.closed()[0] != "ENVOI_ERR_AUTH_REJECTED":
                raise AssertionError(client.transcript())

    def lose(self, path):
        """A server that is gone without a word."""
        with self.client(self.owner, "--record", path) as client:
            client.ready()
            client.must("ping")
            self.server.kill()
            if client.closed()[0] not in ("ENVOI_ERR_TLS_TRUNCATED", "ENVOI_ERR_RESET"):
                raise AssertionError(client.transcript())


class Recordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="envoi-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.base = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else cls.folder.name)

    def record(self, kind, tls):
        """What to play again, and what the end of each is."""
        name = f"{kind.name.lower()}_{tls.lower().replace(' ', '').replace('.', '')}"
        paths = [self.base / f"recorded_{name}{what}.txt" for what in ("", "_refused", "_lost")]
        with kind(pathlib.Path(self.folder.name) / name) as server:
            server.start()
            recorded = Recorded(server, tls, paths[0])
            recorded.play()
            recorded.refuse(paths[1])
            recorded.lose(paths[2])
        return paths

    def assert_no_secret(self, text):
        self.assertNotIn(PASSWORD, text)
        payloads = set(re.findall(r"<(?:auth|response|challenge|success) xmlns='[^']*xmpp-sasl'[^>]*>([^<]+)<", text))
        self.assertLessEqual(payloads, {"{client-first}", "{server-first}", "{client-final}", "{server-final}"})
        self.assertIn("{client-final}", payloads)

    def play_again(self, path):
        done = subprocess.run([TRANSCRIPT, "--modes=bytes,split,cut,damage,memory", path], text=True,
                              capture_output=True)
        for line in done.stdout.splitlines():
            if re.match(r"# \w+: \d+ runs;", line):
                print(f"# {path.stem}: {line[2:]}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check(self, kind, tls):
        whole, refused, lost = self.record(kind, tls)
        text = whole.read_text()
        for mark in ("A: connect ", "E: authenticated ", "E: ready ", "E: stanza <message", "E: reply ", "A: close"):
            self.assertIn(mark, text)
        self.assertIn("E: closed error=AUTH_REJECTED", refused.read_text())
        self.assertRegex(lost.read_text(), r"\nA: fail (TLS_TRUNCATED|RESET)\nE: closed error=\1 ")
        for path in (whole, refused, lost):
            self.assert_no_secret(path.read_text())
            self.play_again(path)


def add(kind, tls):
    def test(self):
        self.check(kind, tls)
    setattr(Recordings, f"test_{kind.name.lower()}_by_{re.sub('[ .]', '', tls.lower())}_plays_again", test)


for server_kind in (Server, Ejabberd):
    for version in DOMAINS:
        add(server_kind, version)


if __name__ == "__main__":
    harness.main()
