# SPDX-License-Identifier: MIT
"""ran.py TESTS [--only SUITE]... LOG...: each test that a row of the conformance table names ran and passed.

A LOG is meson's testlog.json. --only: the run was a part of all, and only the tests of these suites are looked for."""
import argparse
import json
import pathlib
import re
import sys

import table

PASSED = re.compile(r"ok\b(?: +\d+)?(?: *- *)?([^#]*)(#.*)?$")
LEFT_OUT = re.compile(r"# *(skip|todo)\b", re.I)


def passed(logs):
    """(suite, program, sub-test) of all that passed; the sub-test is None for the program as a whole."""
    found = set()
    for path in logs:
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            suites, _, program = entry["name"].partition(" / ")
            suites = suites.split(":")[-1].split("+")
            whole = [None] if entry["result"] == "OK" else []
            for match in filter(None, map(PASSED.match, (entry.get("stdout") or "").splitlines())):
                if not LEFT_OUT.match(match.group(2) or ""):
                    whole.append(match.group(1).strip())
            found |= {(suite, program, test) for suite in suites for test in whole}
    return found


def needs(test, tests):
    """(suite, a check of one thing that passed) for a test as the table names it."""
    suite, _, name = test.partition(":")
    first, slash, second = name.partition("/")
    if suite == "transcript":
        return suite, lambda program, done: done is not None and pathlib.PurePath(done).name == f"{name}.txt"
    if suite == "unit":
        return suite, lambda program, done: (f"test_{program}", done) == (first, second)
    if suite == "vector":
        players = tests.players(first)
        return "unit", lambda program, done: f"test_{program}" in players and done is None
    if slash:
        return suite, lambda program, done: (program, done) == (first, second)
    return suite, lambda program, done: program in (name, f"{suite}-{name}") and done is None


def missing(folder, logs, only):
    """The number of tests that were looked for, and those that did not pass."""
    rows, _ = table.read(folder / "conformance")
    tests, found, faults, looked_for = table.Tests(folder), passed(logs), [], 0
    for test in sorted({row.test for row in rows} - {""}):
        suite, fits = needs(test, tests)
        if only and suite not in only:
            continue
        looked_for += 1
        if not any(fits(program, done) for kind, program, done in found if kind == suite):
            faults.append(f"error: {test} is named by a row, but did not run or did not pass")
    return looked_for, faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tests", type=pathlib.Path)
    parser.add_argument("--only", metavar="SUITE", action="append", default=[])
    parser.add_argument("logs", metavar="LOG", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    looked_for, faults = missing(options.tests, options.logs, options.only)
    print("\n".join([*faults, f"{looked_for} tests looked for, {len(faults)} missing"]))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
