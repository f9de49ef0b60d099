# SPDX-License-Identifier: MIT
"""Medians of what was measured, as a table to read and as tab-separated values."""
import statistics

PARSE = ("parse mixed", "parse short", "parse large", "parse script")
BUILD = ("build chat", "build publish")
# job, number, what it is, its unit, decimals, and whether more is better
LIVE = (
    ("live login", "ms", "connect to ready", "ms", 1, False),
    ("live login", "cpu_ms", "CPU of that", "ms", 1, False),
    ("live flood", "per_s", "messages to another session", "a second", 0, True),
    ("live flood", "cpu_us", "CPU of one, both ends", "us", 1, False),
    ("live echo", "per_s", "messages to itself", "a second", 0, True),
    ("live hold", "bytes", "memory of an idle session", "bytes", 0, False),
)
HOSTILE = (
    ("names_mb_per_s", "30 MB of ever-changing names, MB/s"),
    ("names_kib", "the same, growth of resident memory, KiB"),
    ("nested_ms", "200,000 nested elements, CPU ms until closed"),
    ("doctype_ms", "a DOCTYPE with nested entities, CPU ms until closed"),
    ("latin_ms", "a declaration of Latin-1, CPU ms until closed"),
    ("comment_ms", "a comment in a body, CPU ms until closed"),
)


class Results:
    def __init__(self, taken, versions):
        self.taken, self.versions = taken, versions
        self.first = next(iter(versions))

    def names(self, job):
        return [name for name in self.versions if (name, job) in self.taken]

    def values(self, name, job, number):
        return [numbers[number] for numbers in self.taken[name, job]]

    def median(self, name, job, number):
        return statistics.median(self.values(name, job, number))

    def check_stanzas(self):
        """A parser that lost a stanza on the way was not measured."""
        for job in PARSE:
            counts = {value for name in self.names(job) for value in self.values(name, job, "stanzas")}
            if len(counts) != 1:
                raise SystemExit(f"{job}: the libraries found {sorted(counts)} stanzas")

    def cell(self, name, job, number, digits):
        """The median, and how many times the first library's speed that is."""
        value, first = self.median(name, job, number), self.median(self.first, job, number)
        ratio = value / first if number == "mb_per_s" else first / value
        return f"{value:9.{digits}f} {ratio:5.2f}"

    def section(self, title, jobs, number, digits, with_ratio=True):
        lines = [title, " " * 20 + "".join(f"{job.split()[-1]:>17}" for job in jobs)]
        for name in self.names(jobs[0]):
            cells = [self.cell(name, job, number, digits) if with_ratio else
                     f"{self.median(name, job, number):15.{digits}f}" for job in jobs]
            lines.append(f"{name + ' ' + self.versions[name]:20}" + "".join(f"{cell:>17}" for cell in cells))
        return lines + [""]

    def live(self):
        names = self.names("live login")
        if not names:
            return []
        lines = ["Against Prosody over TLS, 64 messages on the way, and how many times better " + self.first + " is",
                 " " * 38 + "".join(f"{name + ' ' + self.versions[name]:>24}" for name in names)]
        for job, number, what, unit, digits, more_is_better in LIVE:
            first, cells = self.median(self.first, job, number), ""
            for name in names:
                value = self.median(name, job, number)
                ratio = first / value if more_is_better else value / first
                cells += f"{value:18.{digits}f} {ratio:5.2f}"
            lines.append(f"{what + ', ' + unit:38}{cells}")
        return lines + [""]

    def hostile(self):
        if (self.first, "hostile") not in self.taken:
            return []
        return ["Hostile input"] + [f"{what:56}{self.median(self.first, 'hostile', number):9.3f}"
                                    for number, what in HOSTILE] + [""]

    def chart(self):
        """Title, unit, and (name, value) of each library, for each part of the chart."""
        parts = [("One stream to trees, mixed stanzas", "MB/s", "parse mixed", "mb_per_s")]
        if self.names("live login"):
            parts += [("Messages to another session, 64 on the way, TLS", "a second", "live flood", "per_s"),
                      ("From connecting to ready, TLS and SCRAM (short is good)", "ms", "live login", "ms")]
        return [(title, unit, [(name, self.median(name, job, number)) for name in self.names(job)])
                for title, unit, job, number in parts]

    def text(self):
        lines = self.section(f"Parsing to trees, MB/s, and the ratio to {self.first}", PARSE, "mb_per_s", 1)
        lines += self.section("Allocations a stanza, all", PARSE, "all", 3, False)
        lines += self.section("Building and writing a stanza, ns, and the ratio of speeds", BUILD, "ns", 0)
        lines += self.section("Allocations for that, all", BUILD, "all", 2, False)
        lines += self.live() + self.hostile()
        for name in self.names("hold"):
            lines.append(f"Memory of an idle session, {name}: {self.median(name, 'hold', 'bytes'):.0f} bytes")
        for name in self.names(PARSE[0]):
            if name.startswith(self.first):
                ours = ", ".join(f"{job.split()[-1]} {self.median(name, job, 'ours'):.4f}" for job in PARSE)
                lines.append(f"Allocations a stanza by code of {name} alone: {ours}")
        return "\n".join(lines)

    def tsv(self):
        lines = ["library\tversion\tjob\tnumber\tmedian\tlowest\thighest\trounds"]
        for (name, job), rounds in sorted(self.taken.items()):
            for number in rounds[0]:
                values = self.values(name, job, number)
                lines.append(f"{name}\t{self.versions[name]}\t{job}\t{number}\t{statistics.median(values):.6g}\t"
                             f"{min(values):.6g}\t{max(values):.6g}\t{len(values)}")
        return "\n".join(lines) + "\n"
