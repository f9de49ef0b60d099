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


class Recordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="envoi-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.base = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else cls.folder.name)

    def recorded_at(self, kind, tls):
        name = f"{kind.name.lower()}_{tls.lower().replace(' ', '').replace('.', '')}"
        path = self.base / f"recorded_{name}.txt"
        with kind(pathlib.Path(self.folder.name) / name) as server:
            server.start()
            Recorded(server, tls, path).play()
        return path

    def play_again(self, path):
        text = path.read_text()
        self.assertNotIn(PASSWORD, text)
        self.assertEqual(set(re.findall(r"xmpp-sasl'[^>]*>([^<]+)<", text)),
                         {"{client-first}", "{server-first}", "{client-final}", "{server-final}"})
        for mark in ("A: connect ", "E: authenticated ", "{client-final}", "E: ready ", "E: stanza <message", "E: reply "):
            self.assertIn(mark, text)
        done = subprocess.run([TRANSCRIPT, "--modes=bytes,split,cut,damage,memory", path], text=True,
                              capture_output=True)
        for line in done.stdout.splitlines():
            if re.match(r"# \w+: \d+ runs;", line):
                print(f"# {path.stem}: {line[2:]}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


def add(kind, tls):
    def test(self):
        self.play_again(self.recorded_at(kind, tls))
    setattr(Recordings, f"test_{kind.name.lower()}_by_{re.sub('[ .]', '', tls.lower())}_plays_again", test)


for server_kind in (Server, Ejabberd):
    for version in DOMAINS:
        add(server_kind, version)


if __name__ == "__main__":
    harness.main()
