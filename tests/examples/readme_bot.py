# SPDX-License-Identifier: MIT
"""readme_bot.py extract OUTPUT: the bot of README.md as a file.
readme_bot.py run PROGRAM TRANSCRIPT: an evening of that bot, with readme_net.c in place of the network."""
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

bot = subprocess.run([sys.argv[2]], capture_output=True, text=True, timeout=60,
                     env={**os.environ, "XMPP_JID": "bot@example.com", "XMPP_PASSWORD": "secret",
                          "README_TRANSCRIPT": sys.argv[3],
                          "ASAN_OPTIONS": "detect_leaks=0"})  # it ends with what it holds
sys.exit(None if (bot.returncode, bot.stderr) == (1, "no error\n") else f"status {bot.returncode}: {bot.stderr}")
