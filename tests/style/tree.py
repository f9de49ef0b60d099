# SPDX-License-Identifier: MIT
"""What the style tests share: the files of the tree, and a verdict."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = sorted((ROOT / "include/envoi").glob("*.h")) + [ROOT / "include/envoi/version.h.in"]
SOURCES = sorted((ROOT / "lib").rglob("*.[ch]"))


def without_comments(text):
    """The text with comments and the insides of string literals blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0)) if match.group(0).startswith("/") else '""'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def name(path):
    return str(path.relative_to(ROOT))


def verdict(faults):
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)
