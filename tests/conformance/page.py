# SPDX-License-Identifier: MIT
"""page.py [TESTS] (--html FILE [--depfile FILE] | --write | --check): pages made of the conformance table alone.

--html writes the page for a browser. --write renews what stands between the markers of tests/conformance/README.md and
of README.md at the root, and puts the names of new rows into ids.txt; --check fails where that was forgotten."""
import argparse
import collections
import os
import pathlib
import re

import html_page
import table
from titles import TITLES

CELLS = 10  # of a bar
MANY = 5  # rows
BEGIN, END = "<!-- made by tests/conformance/page.py --write -->\n", "<!-- end -->\n"
BY_NAME = ("partial", "refused", "not-applicable", "todo")


class Specification:
    """The rows of one file, in the order of its sections."""

    def __init__(self, rows):
        self.file = rows[0].file
        self.name = rows[0].spec.split(",")[0].split(" (")[0]
        self.title = TITLES.get(self.name, "")
        self.anchor = self.name.lower().replace(" ", "-")
        self.rows = sorted(rows, key=lambda row: (natural(row.section), natural(row.req_id)))

    def counts(self, level=None):
        """How many rows (of a level) have each status."""
        return collections.Counter(row.status for row in self.rows if level in (None, table.STRENGTH[row.level]))


def natural(text):
    """1.10 comes behind 1.9."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", text)]


def specifications(rows):
    files = collections.defaultdict(list)
    for row in rows:
        files[row.file].append(row)
    return [Specification(files[file]) for file in sorted(files, key=lambda name: (name == "practice.tsv", name))]


def share(counts):
    """What is done of all that binds a client."""
    total = sum(counts.values()) - counts["not-applicable"]
    return f"{counts['done']} of {total}" if total else ""


def bar(counts):
    total = sum(counts.values()) - counts["not-applicable"]
    full = counts["done"] * CELLS // total if total else 0
    return f"`{'█' * full}{'░' * (CELLS - full)}`" if total else ""


def escaped(text):
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def grid(lines):
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def summary(specs, link):
    """One line for each specification; link makes a link of a specification."""
    lines = [["specification", "", "MUST", "SHOULD", "MAY", *(name.replace("-", " ") for name in BY_NAME)],
             ["---"] * 5 + ["--:"] * len(BY_NAME)]
    for spec in specs:
        lines.append([f"[{spec.name}]({link(spec)}) {spec.title}".strip(), bar(spec.counts()),
                      *(share(spec.counts(level)) for level in ("MUST", "SHOULD", "MAY")),
                      *(str(spec.counts()[status] or "") for status in BY_NAME)])
    return grid(lines)


def test_cell(row, tests):
    path = tests.path(row.test) if row.test else None
    name = escaped(row.test)
    return f"[{name}](../{path})" if path else name


def section(spec, tests):
    """A specification with all of its rows."""
    lines = [["row", "level", "requirement", "status", "test", "note"], ["---"] * 6]
    for row in spec.rows:
        lines.append([f"{escaped(row.req_id)}<br>{escaped(row.section)}", row.level, escaped(row.requirement),
                      row.status, test_cell(row, tests), escaped(row.note)])
    return (f"### {spec.name}\n\n{spec.title + ': ' if spec.title else ''}[{spec.file}]({spec.file})\n\n"
            f"<details><summary>{len(spec.rows)} rows</summary>\n\n{grid(lines)}\n</details>\n\n")


def figures(specs):
    """For README.md at the root: what is begun of the specifications that ask for more than a detail."""
    page = "tests/conformance/README.md"
    shown = [spec for spec in specs if spec.counts()["done"] and len(spec.rows) >= MANY]
    rows = sum((spec.counts() for spec in specs), collections.Counter())
    return (f"Row by row: [{sum(rows.values())} requirements]({page}) of {len(specs)} specifications. {rows['done']} "
            f"are met, each shown by a test;\n{rows['partial']} are met in part, {rows['refused']} are refused and "
            f"{rows['not-applicable']} bind no client, each for a reason that stands there; {rows['todo']} are "
            "open.\n\n" + summary(shown, lambda spec: f"{page}#{spec.anchor}")
            + f"\nThe page has the other {len(specs) - len(shown)}, of which little is asked "
              "or nothing is done yet.\n")


def renewed(path, text):
    """The file with another text between its markers."""
    old = path.read_text()
    head, begin, rest = old.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: no markers")
    return head + BEGIN + "\n" + text + "\n" + END + tail


def committed(folder, specs):
    """(path, text) of each file that is made of the table and kept beside it."""
    here, tests = folder / "conformance", table.Tests(folder)
    page = summary(specs, lambda spec: f"#{spec.anchor}") + "\n" + "".join(section(spec, tests) for spec in specs)
    known = set((here / "ids.txt").read_text().split()) | {row.req_id for spec in specs for row in spec.rows}
    return ((here / "README.md", renewed(here / "README.md", page)),
            (folder.parent / "README.md", renewed(folder.parent / "README.md", figures(specs))),
            (here / "ids.txt", "".join(f"{req_id}\n" for req_id in sorted(known))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tests", type=pathlib.Path, nargs="?", default=pathlib.Path(__file__).resolve().parents[1])
    parser.add_argument("--html", type=pathlib.Path)
    parser.add_argument("--depfile", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    rows, faults = table.read(options.tests / "conformance")
    if faults or any(row.level not in table.STRENGTH for row in rows):
        raise SystemExit("\n".join([*faults, "the table has faults: see check.py"]))
    specs = specifications(rows)
    if options.html:
        base = os.path.relpath(options.tests, options.html.parent)
        options.html.write_text(html_page.page(specs, table.Tests(options.tests), base))
    if options.depfile:
        folder = options.tests / "conformance"
        sources = [folder, *sorted(folder.glob("*.tsv"))]
        options.depfile.write_text(f"{options.html.name}: {' '.join(map(str, sources))}\n")
    stale = [(path, text) for path, text in committed(options.tests, specs) if path.read_text() != text]
    if options.write:
        for path, text in stale:
            path.write_text(text)
    if options.check and stale:
        raise SystemExit("\n".join(f"{path} is not up to date: run `python3 tests/conformance/page.py --write`"
                                   for path, _ in stale))


if __name__ == "__main__":
    main()
