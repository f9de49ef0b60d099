# SPDX-License-Identifier: MIT
"""speed.py OUT CORPUS NAME=VERSION=PROGRAM...: measures all libraries in one run, on one CPU, taking turns, and gives
medians. Prints a table with ratios, and writes OUT/speed.tsv and OUT/speed.svg. The first library is the one
that the others are compared with."""
import argparse
import os
import pathlib
import subprocess

import chart
import table

STREAMS = ("mixed", "short", "large", "script")
SESSIONS = 200

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("corpus")
parser.add_argument("libraries", nargs="+")
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--megabytes", type=int, default=50)
options = parser.parse_args()
programs = {name: (version, program) for name, version, program in (text.split("=") for text in options.libraries)}


def make_streams():
    for stream in STREAMS:
        path = options.out / f"{stream}.xml"
        subprocess.run([options.corpus, stream, str(options.megabytes * 1000000), path], check=True)
        yield stream, path


def run(program, *what):
    """What one program printed, as numbers; None if the library cannot do that."""
    result = subprocess.run([program, *map(str, what)], capture_output=True, text=True)
    if result.returncode == 1 and not result.stderr:
        return None
    result.check_returncode()
    return {name: float(value) for name, value in (line.split() for line in result.stdout.splitlines())}


def measure():
    """{(library, job): [numbers of each round]}"""
    jobs = {f"parse {stream}": ("parse", path) for stream, path in make_streams()}
    jobs |= {"build chat": ("chat",), "build publish": ("publish",), "hold": ("hold", SESSIONS)}
    taken = {}
    for _ in range(options.rounds):
        for job, what in jobs.items():
            for name, (_, program) in programs.items():
                numbers = run(program, *what)
                if numbers:
                    taken.setdefault((name, job), []).append(numbers)
    for what in jobs.values():
        if what[0] == "parse":
            what[1].unlink()
    return taken


options.out.mkdir(parents=True, exist_ok=True)
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
results = table.Results(measure(), {name: version for name, (version, _) in programs.items()})
results.check_stanzas()
print(results.text())
(options.out / "speed.tsv").write_text(results.tsv())
(options.out / "speed.svg").write_text(chart.bars(
    "One client's stream to trees, MB/s (mixed stanzas, chunks of 4 KB, one CPU)",
    [(name, results.median(name, "parse mixed", "mb_per_s")) for name in results.names("parse mixed")]))
