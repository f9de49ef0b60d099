# SPDX-License-Identifier: MIT
"""tally.py STEPS LOG...: count every test of all builds.

STEPS holds lines `ok NAME` and `not ok NAME`, one for each build. A LOG is meson's testlog.json: one object a line for
each test program. What a program printed as TAP counts one by one; any other program counts as one test. A program
that failed without a test of its own to blame, such as by a crash, counts as one failure."""
import json
import re
import sys

RESULT = re.compile(r"(not ok|ok)\b(?: +\d+)?(?: *- *)?([^#]*)(?:# *(skip|todo)\b)?", re.I)
PLAN = re.compile(r"1\.\.(\d+)\s*(?:# *skip.*)?$", re.I)
FINE, SKIPPED = {"OK", "EXPECTEDFAIL"}, {"SKIP"}


class Tally:
    def __init__(self):
        self.passed = self.skipped = 0
        self.failures = []

    def add_line(self, match, where):
        verdict, name, directive = match.groups()
        if directive:
            self.skipped += 1
        elif verdict.lower() == "ok":
            self.passed += 1
        else:
            self.failures.append(f"{where}: {name.strip()}")

    def add_program(self, entry, where):
        where = f"{where}: {entry['name']}"
        lines = (entry.get("stdout") or "").splitlines()
        plan = any(PLAN.match(line) for line in lines)
        matches = [match for match in map(RESULT.match, lines) if match] if plan else []
        failures = len(self.failures)
        for match in matches:
            self.add_line(match, where)
        if entry["result"] in FINE:
            self.passed += not plan
        elif entry["result"] in SKIPPED:
            self.skipped += not matches
        elif len(self.failures) == failures:
            self.failures.append(f"{where}: {entry['result']} (exit status {entry['returncode']})")


def main():
    tally = Tally()
    with open(sys.argv[1]) as steps:
        for line in steps:
            tally.add_line(RESULT.match(line), "build")
    for path in sys.argv[2:]:
        with open(path) as log:
            for line in log:
                tally.add_program(json.loads(line), path.split("/")[-3])
    for failure in tally.failures:
        print(f"FAILED {failure}")
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"{tally.passed} passed, {len(tally.failures)} failed{skipped}")
    sys.exit(1 if tally.failures or not tally.passed else 0)


main()
