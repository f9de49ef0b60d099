# SPDX-License-Identifier: MIT
"""played.py extract OUTPUT: the bot of README.md as a file.
played.py run TRANSCRIPT STATUS STDERR PROGRAM ARGUMENT...: what a program does with a transcript in place of the network
(played_net.c), how it ends, and the end of what it says then."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

if sys.argv[1] == "extract":
    page = (ROOT / "README.md").read_text()
    pathlib.Path(sys.argv[2]).write_text(re.search(r"^```c\n(.*?)^```", page, re.M | re.S).group(1))
    sys.exit()

transcript, status, said, *program = sys.argv[2:]
run = subprocess.run(program, capture_output=True, text=True, timeout=60,
                     env={**os.environ, "XMPP_JID": "bot@example.com", "XMPP_PASSWORD": "secret",
                          "PLAYED_TRANSCRIPT": transcript,
                          "ASAN_OPTIONS": "detect_leaks=0"})  # the bot of README.md ends with what it holds
if run.returncode != int(status) or not run.stderr.endswith(said + "\n"):
    sys.exit(f"status {run.returncode}: {run.stderr}{run.stdout}")
