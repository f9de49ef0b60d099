# SPDX-License-Identifier: MIT
"""The conformance table as one HTML file that needs nothing else; without scripts only its filters are missing."""
import pathlib
from html import escape

import table

HERE = pathlib.Path(__file__).parent
LEVEL_NAMES = {"MUST": "MUST", "SHOULD": "SHOULD", "MAY": "MAY", "-": "other"}
STATUS_NAMES = {"done": "done", "partial": "partial", "refused": "refused", "not-applicable": "not applicable",
                "todo": "open"}
MEANINGS = {"done": "a test shows it", "partial": "met in part", "refused": "left out on purpose",
            "not-applicable": "binds no client", "todo": "not yet"}


def bar(counts):
    """How the rows of one level stand, as parts of a line."""
    binding = sum(counts.values()) - counts["not-applicable"]
    present = [status for status in table.STATUSES if counts[status]]
    if not present:
        return "<td></td>"
    told = ", ".join(f"{counts[status]} {STATUS_NAMES[status]}" for status in present)
    parts = "".join(f'<i class="{status}" style="flex:{counts[status]}"></i>' for status in present)
    share = f"{counts['done']} of {binding}" if binding else "none binds"
    return (f'<td title="{told}"><div class="bars"><div class="bar" role="img" aria-label="{told}">{parts}</div>'
            f"<span>{share}</span></div></td>")


def summary(specs):
    head = "".join(f"<th>{name}</th>" for name in LEVEL_NAMES.values())
    lines = "".join(f'<tr><td><a href="#{spec.anchor}">{spec.name}</a> {escape(spec.title)}</td>'
                    + "".join(bar(spec.counts(level)) for level in LEVEL_NAMES) + "</tr>\n" for spec in specs)
    return (f'<table class="summary"><thead><tr><th>specification</th>{head}</tr></thead>\n'
            f"<tbody>{lines}</tbody></table>\n")


def key():
    items = "".join(f'<li><i class="{status}"></i>{STATUS_NAMES[status]} '
                    f'<span class="quiet">{MEANINGS[status]}</span></li>' for status in table.STATUSES)
    return f'<ul class="key">{items}</ul>\n'


def choice(name, everything, options):
    items = "".join(f'<option value="{value}">{escape(text)}</option>' for value, text in options)
    return f'<select name="{name}" aria-label="{name}"><option value="">{everything}</option>{items}</select>'


def filters(specs):
    return ('<form class="filters" hidden>'
            + choice("spec", "all specifications", ((spec.anchor, f"{spec.name} {spec.title}") for spec in specs))
            + choice("level", "all levels", LEVEL_NAMES.items())
            + choice("status", "all statuses", STATUS_NAMES.items())
            + '<input name="text" type="search" placeholder="words of a row, a test or a note" aria-label="search">'
              '<span class="quiet" id="left"></span></form>\n')


def shown(row, tests, base):
    """The test, and what is remarked."""
    path = tests.path(row.test) if row.test else None
    name = escape(row.test).replace("/", "/<wbr>").replace("_", "_<wbr>")
    test = f'<a href="{escape(base)}/{escape(path)}">{name}</a>' if path else name
    idea = "to be shown by: " if row.status == "todo" else ""
    note = f'<div class="note">{idea}{escape(row.note)}</div>' if row.note else ""
    return test + note


def line(row, tests, base):
    return (f'<tr id="{row.req_id}" data-level="{table.STRENGTH[row.level]}" data-status="{row.status}">'
            f'<td class="rule">{escape(row.section)}<code>{row.req_id}</code></td>'
            f'<td><span class="level">{row.level.replace("-", "")}</span><br>'
            f'<span class="status"><i class="{row.status}"></i>{STATUS_NAMES[row.status]}</span></td>'
            f"<td>{escape(row.requirement)}</td><td>{shown(row, tests, base)}</td></tr>\n")


def section(spec, tests, base):
    lines = "".join(line(row, tests, base) for row in spec.rows)
    return (f'<section id="{spec.anchor}"><h2>{spec.name} <small>{escape(spec.title)}</small></h2>\n'
            "<table><colgroup><col><col><col><col></colgroup><thead><tr><th>section and row</th><th>level</th>"
            f"<th>requirement</th><th>test</th></tr></thead>\n<tbody>{lines}</tbody></table></section>\n")


def page(specs, tests, base):
    done = sum(spec.counts()["done"] for spec in specs)
    total = sum(len(spec.rows) - spec.counts()["not-applicable"] for spec in specs)
    return ("<!DOCTYPE html>\n"
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>envoi: conformance</title><style>\n{(HERE / 'page.css').read_text()}</style></head>\n<body>\n"
            "<h1>What envoi conforms to</h1>\n"
            f"<p>{done} of {total} requirements are met, each with the test that shows it. What is refused, and what "
            "does not bind a client, has its reason beside it.</p>\n"
            f"{key()}{summary(specs)}{filters(specs)}{''.join(section(spec, tests, base) for spec in specs)}"
            f"<script>\n{(HERE / 'page.js').read_text()}</script>\n</body></html>\n")
