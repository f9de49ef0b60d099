# SPDX-License-Identifier: MIT
"""The conformance table: its files, its rows, and the tests that the rows name."""
import collections
import functools
import json
import pathlib
import re

COLUMNS = ("req_id", "spec", "version", "section", "level", "side", "area", "direction", "requirement", "test",
           "status", "note")
# the words of RFC 2119 by strength; "-" is a statement without such a word
LEVELS = {
    "MUST": ("MUST", "MUST NOT", "SHALL", "SHALL NOT", "REQUIRED"),
    "SHOULD": ("SHOULD", "SHOULD NOT", "RECOMMENDED", "NOT RECOMMENDED"),
    "MAY": ("MAY", "OPTIONAL"),
    "-": ("-",),
}
STRENGTH = {word: level for level, words in LEVELS.items() for word in words}
STATUSES = ("done", "partial", "refused", "not-applicable", "todo")
# client-parse: the peer's duty, whose result a client must understand
SIDES = ("client", "client-parse", "both", "peer", "server", "-")
DIRECTIONS = ("send", "receive", "both")
REQ_ID = re.compile(r"[a-z0-9]+:[A-Za-z0-9][A-Za-z0-9._+-]*")

Row = collections.namedtuple("Row", COLUMNS + ("file", "line"))


def where(row):
    return f"{row.file}:{row.line}: {row.req_id}"


def read(folder):
    """The rows of all files of the folder, and what is wrong with their form."""
    rows, faults = [], []
    for path in sorted(pathlib.Path(folder).glob("*.tsv")):
        for number, line in enumerate(path.read_text().split("\n")[:-1], 1):
            cells = tuple(line.split("\t"))
            if number == 1:
                faults += [] if cells == COLUMNS else [f"{path.name}:1: the columns must be {' '.join(COLUMNS)}"]
            elif len(cells) != len(COLUMNS):
                faults.append(f"{path.name}:{number}: {len(cells)} columns instead of {len(COLUMNS)}")
            else:
                rows.append(Row(*cells, path.name, number))
    return rows, faults


class Tests:
    """What may stand in the column `test`. `tests` is the folder tests/, `build` a build folder."""

    def __init__(self, tests, build=None):
        self.folder, self.build = pathlib.Path(tests), build and pathlib.Path(build)

    def path(self, test):
        """The file that holds the test, as its name tells; None where meson alone knows."""
        suite, _, name = test.partition(":")
        first, slash, _ = name.partition("/")
        if suite == "transcript":
            return f"transcript/scenarios/{name}.txt"
        if suite in ("unit", "vector"):
            return f"unit/{first}.c" if suite == "unit" else f"vectors/{first}"
        if suite == "integration" and slash:
            return f"integration/test_{first}.py"
        likely = (f"{suite}/{name}.c", f"{suite}/check_{name}.py", f"{suite}/test_{name}.py")
        return next((path for path in likely if (self.folder / path).is_file()), None)

    def find(self, test):
        """KeyError: there is no such test. ValueError: no test is named like this."""
        suite, _, name = test.partition(":")
        _, slash, part = name.partition("/")
        known = {"unit": self.unit_functions, "vector": self.vector_ids, "integration": self.methods if slash else None}
        if not (suite and name) or name != name.strip() or re.search(r"\s", suite):
            raise ValueError(test)
        path, names = self.path(test), known.get(suite)
        if names and not part:
            raise ValueError(test)
        if suite == "transcript" or names:
            there = (self.folder / path).is_file() and (not names or part in names(path))
        else:
            there = self.programs() & {(suite, name), (suite, f"{suite}-{name}")}
        if not there:
            raise KeyError(test)

    @functools.lru_cache(None)
    def text(self, path):
        return (self.folder / path).read_text()

    @functools.lru_cache(None)
    def unit_functions(self, path):
        """The functions that a program runs: those that it hands to cmocka."""
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", self.text(path), flags=re.S)
        return set(re.findall(r"\bcmocka_unit_test\w*\(\s*(\w+)", code))

    @functools.lru_cache(None)
    def vector_ids(self, path):
        """The rows that are played everywhere: a cell @xep-... is an example that may not be at hand."""
        return {line.split("\t")[0] for line in self.text(path).splitlines()[1:] if "\t@xep-" not in line}

    @functools.lru_cache(None)
    def methods(self, path):
        return set(re.findall(r"^    def (test_\w+)\(", self.text(path), re.M))

    @functools.lru_cache(None)
    def programs(self):
        """Suite and name of each test that meson runs."""
        known = json.loads((self.build / "meson-info/intro-tests.json").read_text())
        return {(suite.split(":")[-1], test["name"]) for test in known for suite in test["suite"]}

    def players(self, vectors):
        """The unit tests that play a file of vectors."""
        readers = [path for path in self.folder.glob("unit/*.[ch]") if f'"{vectors}"' in path.read_text()]
        headers = {path.name for path in readers if path.suffix == ".h"}
        return {path.stem for path in self.folder.glob("unit/test_*.c") if path in readers or
                headers & set(re.findall(r'#include "([^"]+)"', path.read_text()))}


def mentions(tests):
    """(place, req_id, test) for each req_id in a comment of a test: a comment with nothing but req_ids, anywhere in a
    transcript, or before the function of a program."""
    ids = rf"{REQ_ID.pattern}(?:[ ,]+{REQ_ID.pattern})*"
    kinds = (("transcript/scenarios", "*.txt", rf"^# *({ids})$", None),
             ("unit", "test_*.c", rf"/\* *({ids}) *\*/", r"^static void (\w+)\("),
             ("integration", "test_*.py", rf"^ *# *({ids})$", r"^    def (\w+)\("))
    for folder, pattern, comment, function in kinds:
        for path in sorted((tests / folder).glob(pattern)):
            text = path.read_text()
            for match in re.finditer(comment, text, re.M):
                place = f"{path.name}:{text.count(chr(10), 0, match.start()) + 1}"
                if function:
                    owner = re.compile(function, re.M).search(text, match.end())
                    program = path.stem if folder == "unit" else path.stem[len("test_"):]
                    test = f"{folder}:{program}/{owner.group(1) if owner else ''}"
                else:
                    test = f"transcript:{path.stem}"
                yield from ((place, req_id, test) for req_id in re.split(r"[ ,]+", match.group(1)))
