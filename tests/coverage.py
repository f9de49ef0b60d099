# SPDX-License-Identifier: MIT
"""coverage.py REPORT REASONS [--more | --write]: what the tests reached of lib/, held against what is promised.

REPORT is gcovr's JSON. REASONS is coverage.tsv: file, function, the text of a line, and why no test takes it, or one of
its branches. A line is named by its text, for numbers move. A reason that begins with "gap: " says what a test would
have to do that is not there yet, and one with "depends on the moment: " that the line may be reached or not.

Faults are: a line that was missed and is not named, a named line that was reached after all or is gone (but with
--more, when more was run than the list is made for), and a figure below its promise, of which a reason buys nothing
off. --write drops what is no longer missed from the list, and adds what is new as a gap to be looked at."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
# what | its files | the least percentage of its branches, and of its lines
PROMISES = [
    ("gate", r"lib/xml/(gate|declaration)", 100),
    ("JID", r"lib/data/jid", 100),
    ("URI", r"lib/data/uri", 100),
    ("SASL", r"lib/sasl/", 100),
    ("library", r"lib/", 95),
]
HEAD = ["file", "function", "line", "reason"]
GAP, MOMENT, NEW = "gap: ", "depends on the moment: ", "gap: nobody has looked at it yet"


class Figures:
    """Lines and branches: how many there are, how many were taken."""

    def __init__(self):
        self.lines = self.reached = self.branches = self.taken = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def percent(self):
        return [100 * taken / every if every else 100 for taken, every in
                ((self.reached, self.lines), (self.taken, self.branches))]


def measure(entry):
    """The figures of one file, and {(file, function, text of the line): numbers of the lines that were missed}."""
    figures, missed = Figures(), {}
    source = (ROOT / entry["file"]).read_text().split("\n")
    starts = sorted((function["lineno"], function["name"]) for function in entry["functions"])
    for line in entry["lines"]:
        if line["gcovr/noncode"] or line["gcovr/excluded"]:
            continue
        number, taken = line["line_number"], sum(branch["count"] > 0 for branch in line["branches"])
        figures.lines += 1
        figures.reached += line["count"] > 0
        figures.branches += len(line["branches"])
        figures.taken += taken
        if not line["count"] or taken < len(line["branches"]):
            function = [name for start, name in starts if start <= number][-1:] or ["-"]
            missed.setdefault((entry["file"], function[0], source[number - 1].strip()), []).append(number)
    return figures, missed


def read_reasons(path):
    rows = [line.split("\t") for line in path.read_text().split("\n") if line and not line.startswith("#")]
    faults = [f"{path.name}: not four columns: {row}" for row in rows if len(row) != 4 or not all(row)]
    if not rows or rows[0] != HEAD:
        faults.append(f"{path.name}: the first line is not {HEAD}")
    reasons = {tuple(row[:3]): row[3] for row in rows[1:]}
    if len(reasons) != len(rows[1:]):
        faults.append(f"{path.name}: a line is named twice")
    return reasons, faults


def stands(key):
    """Whether the line is there still."""
    source = ROOT / key[0]
    return source.is_file() and key[2] in (line.strip() for line in source.read_text().split("\n"))


def write_reasons(path, reasons, missed):
    kept = {key: reasons.get(key, NEW) for key in missed}
    kept |= {key: reason for key, reason in reasons.items() if reason.startswith(MOMENT) and stands(key)}
    order = sorted(kept, key=lambda key: (key[0], missed.get(key, [0])[0], key))
    path.write_text("\n".join("\t".join(row) for row in [HEAD, *((*key, kept[key]) for key in order)]) + "\n")
    return kept


def row(name, figures, listed):
    lines, branches = figures.percent()
    return f"{name:36}{figures.lines:7}{lines:8.1f} %{figures.branches:9}{branches:8.1f} %{listed:8}"


def main():
    report, path, *options = sys.argv[1:]
    reasons, faults = read_reasons(pathlib.Path(path))
    every, missed = {}, {}
    for entry in json.loads(pathlib.Path(report).read_text())["files"]:
        every[entry["file"]], found = measure(entry)
        missed.update(found)
    if "--write" in options:
        reasons = write_reasons(pathlib.Path(path), reasons, missed)
    print(f"{'':36}{'lines':>7}{'reached':>10}{'branches':>9}{'taken':>10}{'named':>8}")
    for name, figures in sorted(every.items()):
        print(row(name, figures, sum(key[0] == name for key in reasons)))
    print()
    for what, files, least in PROMISES:
        total = Figures()
        for name, figures in every.items():
            if re.match(files, name):
                total.add(figures)
        print(row(what, total, sum(bool(re.match(files, key[0])) for key in reasons)))
        if not total.branches or total.percent()[1] < least or total.percent()[0] < least:
            faults.append(f"{what}: below {least} %")
    for key in sorted(missed.keys() - reasons.keys()):
        faults += [f"{key[0]}:{number}: {key[1]}(): missed, without a reason: {key[2]}" for number in missed[key]]
    if "--more" not in options:
        faults += [f"{key[0]}: {key[1]}(): named, but reached or gone: {key[2]}"
                   for key in sorted(reasons.keys() - missed.keys()) if not reasons[key].startswith(MOMENT)]
    faults += [f"{key[0]}: {key[1]}(): named, but gone: {key[2]}"
               for key in sorted(reasons) if reasons[key].startswith(MOMENT) and not stands(key)]
    gaps = sum(reason.startswith(GAP) for reason in reasons.values())
    print(f"\n{len(reasons)} lines are named that were not reached whole, {gaps} of them as gaps")
    print(*faults, f"{len(faults)} faults", sep="\n")
    sys.exit(1 if faults else 0)


main()
