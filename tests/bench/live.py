# SPDX-License-Identifier: MIT
"""A server to measure against: that of the integration tests, with what would slow it down taken out, so that it is
the libraries that are measured: it logs no details, and collects its garbage by generations."""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from server import PASSWORD, Server  # noqa: E402

QUICK = """gc = { mode = "generational" }
"""


def missing():
    """What is not installed, or None."""
    return next((name for name in ("prosody", "openssl") if not shutil.which(name)), None)


class BenchServer(Server):
    """Passwords are stored hashed, so that the server does not derive keys anew at each login."""

    def __init__(self, folder):
        super().__init__(folder, refused={}, log_level="warn", settings=QUICK)

    def environment(self):
        return {**os.environ, "XMPP_JID": "friar@hashed.example", "XMPP_PASSWORD": PASSWORD, "XMPP_CA": str(self.ca),
                "XMPP_ADDRESS": "127.0.0.1", "XMPP_PORT": str(self.port)}
