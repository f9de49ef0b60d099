# SPDX-License-Identifier: MIT
"""A plain bar chart."""
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, RIGHT, HEAD, GAP = 26, 120, 480, 110, 34, 10


def part(y, title, unit, rows):
    """The lines of one part that begins at y, and where it ends. The first row is the one that is shown off."""
    highest = max(value for _, value in rows)
    lines = [f'<text x="8" y="{y + 20}" fill="#222222" font-weight="bold">{escape(title)}</text>']
    for i, (name, value) in enumerate(rows):
        top, length = y + HEAD + ROW * i, max(1, round(WIDTH * value / highest))
        colour = "#2b6cb0" if i == 0 else "#a0aec0"
        lines += [f'<text x="{LEFT - 8}" y="{top + 16}" text-anchor="end" fill="#222222">{escape(name)}</text>',
                  f'<rect x="{LEFT}" y="{top + 2}" width="{length}" height="{ROW - 6}" fill="{colour}"/>',
                  f'<text x="{LEFT + length + 6}" y="{top + 16}" fill="#222222">{value:.0f} {escape(unit)}</text>']
    return lines, y + HEAD + ROW * len(rows) + GAP


def bars(parts):
    """An SVG of parts, each with a title, a unit, and one bar for each (name, value)."""
    lines, height = [], 0
    for title, unit, rows in parts:
        more, height = part(height, title, unit, rows)
        lines += more
    width = LEFT + WIDTH + RIGHT
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13" role="img">',
            f"<title>{escape('; '.join(title for title, _, _ in parts))}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    return "\n".join(head + lines) + "\n</svg>\n"
