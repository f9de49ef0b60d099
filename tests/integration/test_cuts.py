# SPDX-License-Identifier: MIT
"""The server goes away at each phase of a login, in order (FIN) and by a reset (RST)."""
import pathlib
import tempfile
import unittest

import harness
from authority import Authority
from peer import Peer
from server import PASSWORD

DOMAIN = "capulet.example"
# phase -> the reasons that an end in order may have there. Without TLS it is the end of the stream; within TLS it is
# an end without close_notify, which might be the work of somebody in between (RFC 8446 6.1).
PHASES = {
    "accept": "ENVOI_ERR_EOF",
    "header": "ENVOI_ERR_EOF",
    "features": "ENVOI_ERR_EOF",
    "proceed": "ENVOI_ERR_EOF",
    "handshake": "ENVOI_ERR_EOF",
    "secured": "ENVOI_ERR_TLS_TRUNCATED",
    "mechanisms": "ENVOI_ERR_TLS_TRUNCATED",
    "auth": "ENVOI_ERR_TLS_TRUNCATED",
    "challenge": "ENVOI_ERR_TLS_TRUNCATED",
    "response": "ENVOI_ERR_TLS_TRUNCATED",
    "success": "ENVOI_ERR_TLS_TRUNCATED",
    "bind": "ENVOI_ERR_TLS_TRUNCATED",
    "session": "ENVOI_ERR_TLS_TRUNCATED",
}


class Cuts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="envoi-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.authority = Authority(pathlib.Path(cls.folder.name) / "ca", "Authority of one test run")
        cls.certificate = cls.authority.sign("server", DOMAIN, [DOMAIN])

    def log_in(self, phase, how):
        """Returns the client's last words after a login that was cut."""
        peer = Peer(lambda connection: connection.whole_session(PASSWORD), DOMAIN, self.certificate, phase, how)
        try:
            with harness.Client(f"juliet@{DOMAIN}", "--ca", self.authority.certificate, "--host",
                                f"127.0.0.1:{peer.port}") as client:
                if phase is None:
                    client.ready()
                    client.say("close")
                return client.closed()
        finally:
            peer.close()

    def test_nothing_is_cut(self):
        self.assertEqual(self.log_in(None, None)[0], "ENVOI_OK")


# A connection that is reset at once may end before connect() has been looked at, and then it was never there.
RESETS = {"accept": ("ENVOI_ERR_RESET", "ENVOI_ERR_REFUSED")}


def cut_test(phase, how, *expected):
    def test(self):
        error, line = self.log_in(phase, how)
        self.assertIn(error, expected, line)
        self.assertIn(" retry=1 ", line)

    return test


for the_phase, at_end in PHASES.items():
    setattr(Cuts, f"test_end_at_{the_phase}_is_told", cut_test(the_phase, "FIN", at_end))
    setattr(Cuts, f"test_reset_at_{the_phase}_is_told",
            cut_test(the_phase, "RST", *RESETS.get(the_phase, ("ENVOI_ERR_RESET",))))

if __name__ == "__main__":
    harness.main()
