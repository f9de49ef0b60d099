# SPDX-License-Identifier: MIT
"""Medians of what was measured, as a table to read and as tab-separated values."""
import statistics

PARSE = ("parse mixed", "parse short", "parse large", "parse script")
BUILD = ("build chat", "build publish")


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

    def text(self):
        lines = self.section(f"Parsing to trees, MB/s, and the ratio to {self.first}", PARSE, "mb_per_s", 1)
        lines += self.section("Allocations a stanza, all", PARSE, "all", 3, False)
        lines += self.section("Building and writing a stanza, ns, and the ratio of speeds", BUILD, "ns", 0)
        lines += self.section("Allocations for that, all", BUILD, "all", 2, False)
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
