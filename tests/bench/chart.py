# SPDX-License-Identifier: MIT
"""A plain bar chart."""
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, RIGHT, TOP = 26, 120, 480, 70, 34


def bars(title, rows):
    """An SVG with one bar for each (name, value); the first is the one that is shown off."""
    highest = max(value for _, value in rows)
    width, height = LEFT + WIDTH + RIGHT, TOP + ROW * len(rows) + 6
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13" role="img">',
             f"<title>{escape(title)}</title>",
             f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
             f'<text x="8" y="20" fill="#222222" font-weight="bold">{escape(title)}</text>']
    for i, (name, value) in enumerate(rows):
        y, length = TOP + ROW * i, max(1, round(WIDTH * value / highest))
        colour = "#2b6cb0" if i == 0 else "#a0aec0"
        parts += [f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end" fill="#222222">{escape(name)}</text>',
                  f'<rect x="{LEFT}" y="{y + 2}" width="{length}" height="{ROW - 6}" fill="{colour}"/>',
                  f'<text x="{LEFT + length + 6}" y="{y + 16}" fill="#222222">{value:.0f}</text>']
    return "\n".join(parts) + "\n</svg>\n"
