# SPDX-License-Identifier: MIT
"""speed.py OUT CORPUS NAME=VERSION=PROGRAM...: measures all libraries in one run, on one CPU, taking turns, and gives
medians. Prints a table with ratios, and writes OUT/speed.tsv and OUT/speed.svg. The first library is the one
that the others are compared with."""
import argparse
import os
import pathlib
import subprocess
import tempfile

import chart
import live
import table

STREAMS = ("mixed", "short", "large", "script")
SESSIONS = 200
# job against a server: how many, and in how many of the rounds. The flood is long enough to meet the pauses of delayed
# acknowledgements, if there are any: one of 10,000 is often over before.
LIVE = {"login": (20, 99), "flood": (40000, 99), "echo": (10000, 99), "hold": (SESSIONS, 3)}

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("corpus")
parser.add_argument("libraries", nargs="+")
parser.add_argument("--live", action="append", default=[], metavar="NAME=VERSION=PROGRAM")
parser.add_argument("--hostile", metavar="PROGRAM")
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--megabytes", type=int, default=50)
options = parser.parse_args()


def split(texts):
    return {name: (version, program) for name, version, program in (text.split("=") for text in texts)}


programs, live_programs = split(options.libraries), split(options.live)


def make_streams():
    for stream in STREAMS:
        path = options.out / f"{stream}.xml"
        subprocess.run([options.corpus, stream, str(options.megabytes * 1000000), path], check=True)
        yield stream, path


def run(program, *what, environment=None):
    """What one program printed, as numbers; None if the library cannot do that."""
    result = subprocess.run([program, *map(str, what)], capture_output=True, text=True, env=environment)
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


def measure_live(server):
    """The same, for programs that talk to a server."""
    taken = {}
    for i in range(options.rounds):
        for job, (count, rounds) in LIVE.items():
            for name, (_, program) in live_programs.items():
                if i < rounds:
                    numbers = run(program, job, count, environment=server.environment())
                    taken.setdefault((name, f"live {job}"), []).append(numbers)
    return taken


def start_server(folder):
    """A server on the other CPUs, if there are any; None, with a line that says why, if there can be none."""
    if not live_programs or live.missing():
        print(f"# nothing is measured against a server: no {live.missing() or 'c-ares'}")
        return None
    if len(live_programs) == 1:
        print("# nothing is measured beside another library against a server: no libstrophe-dev")
    return live.BenchServer(pathlib.Path(folder) / "server").start()


def measure_all():
    cpus = os.sched_getaffinity(0)
    ours = {max(cpus)}
    with tempfile.TemporaryDirectory(prefix="envoi-") as folder:
        os.sched_setaffinity(0, cpus - ours or cpus)
        server = start_server(folder)
        os.sched_setaffinity(0, ours)
        try:
            taken = measure_live(server) if server else {}
        finally:
            if server:
                server.stop()
    hostile = {("envoi", "hostile"): [run(options.hostile) for _ in range(options.rounds)]} if options.hostile else {}
    return {**measure(), **hostile, **taken}


options.out.mkdir(parents=True, exist_ok=True)
versions = {name: version for name, (version, _) in {**programs, **live_programs}.items()}
results = table.Results(measure_all(), versions)
results.check_stanzas()
print(results.text())
(options.out / "speed.tsv").write_text(results.tsv())
(options.out / "speed.svg").write_text(chart.bars(results.chart()))
