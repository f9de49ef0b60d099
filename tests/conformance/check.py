# SPDX-License-Identifier: MIT
"""check.py TESTS BUILD [--strict FILE]...: no row of the conformance table may say what is not so.

TESTS is the folder tests/, BUILD a build folder. --strict: in this file no row of the level MUST may be open."""
import argparse
import collections
import pathlib
import sys

import table


def form(rows):
    """Words that nobody else uses, and names that are not unique."""
    closed = {"level": table.STRENGTH, "side": table.SIDES, "direction": table.DIRECTIONS, "status": table.STATUSES}
    for row in rows:
        for column, words in closed.items():
            if getattr(row, column) not in words:
                yield f"{table.where(row)}: unknown {column} '{getattr(row, column)}'"
        if not table.REQ_ID.fullmatch(row.req_id):
            yield f"{table.where(row)}: a req_id is made of a prefix, a colon, and letters, digits, . _ + -"
        if row.spec.split(",")[0].split(" (")[0].replace(" ", "").replace("-", "").lower() + ".tsv" != row.file:
            yield f"{table.where(row)}: a row of '{row.spec}' stands in another file"
        for column in ("spec", "section", "area", "requirement"):
            if not getattr(row, column):
                yield f"{table.where(row)}: no {column}"
        if any(cell != cell.strip() for cell in row[:len(table.COLUMNS)]):
            yield f"{table.where(row)}: white space at the edge of a column"
    for req_id, count in collections.Counter(row.req_id for row in rows).items():
        if count > 1:
            yield f"{req_id}: {count} rows have this req_id"


def claims(rows, tests):
    """What the status needs, and tests that are not there."""
    for row in rows:
        if row.status == "done" and not row.test:
            yield f"{table.where(row)}: done, but no test shows it"
        if row.status == "todo" and row.test:
            yield f"{table.where(row)}: has a test, but is still todo"
        if row.status in ("partial", "refused", "not-applicable") and " " not in row.note:
            yield f"{table.where(row)}: {row.status} without a reason"
        try:
            if row.test:
                tests.find(row.test)
        except KeyError:
            yield f"{table.where(row)}: there is no test {row.test}"
        except ValueError:
            yield f"{table.where(row)}: '{row.test}' is not the name of one test"


def mentions(rows, folder):
    """Tests that name a row must be named by it."""
    known = {row.req_id: row for row in rows}
    for place, req_id, test in table.mentions(folder):
        if req_id not in known:
            yield f"{place}: there is no row {req_id}"
        elif known[req_id].test != test:
            yield f"{place}: {req_id} is shown by '{known[req_id].test}', not by {test}"


def ids(rows, path):
    """Names of rows are for ever: people and other tables refer to them."""
    known, present = set(path.read_text().split()), {row.req_id for row in rows}
    for req_id in sorted(known - present):
        yield f"{req_id}: the row is gone; req_ids stay, and a row that binds nobody any more is not-applicable"
    for req_id in sorted(present - known):
        yield f"{req_id}: a new row; `python3 tests/conformance/page.py --write` puts its name into ids.txt"


def strict(rows, files):
    for row in rows:
        if row.file in files and table.STRENGTH.get(row.level) == "MUST" and row.status == "todo":
            yield f"{table.where(row)}: a {row.level} is open"


def check(folder, build, strictly):
    """The number of rows, and what is wrong with them."""
    rows, faults = table.read(folder / "conformance")
    return len(rows), [*faults, *form(rows), *claims(rows, table.Tests(folder, build)), *mentions(rows, folder),
                       *ids(rows, folder / "conformance/ids.txt"), *strict(rows, strictly)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tests", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--strict", metavar="FILE", action="append", default=[])
    options = parser.parse_args()
    rows, faults = check(options.tests, options.build, options.strict)
    print("\n".join([*faults, f"{rows} rows, {len(faults)} faults"]))
    sys.exit(1 if faults or not rows else 0)


if __name__ == "__main__":
    main()
