# SPDX-License-Identifier: MIT
"""Sizes, calls that are not used here, and memory through its one door."""
import re

import tree

LONGEST_FILE, LONGEST_FUNCTION = 800, 100
FORBIDDEN = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca|rand|srand|random|abort|exit|"
                       r"gethostbyname|getaddrinfo|select|getenv|signal|assert|time|gettimeofday)\s*\(")
MEMORY = re.compile(r"(?<![>.])\b(malloc|calloc|realloc|free|strdup|strndup)\s*\(")
MAY_ALLOCATE = re.compile(r"lib/(base/mem\.c|net/)")
# a table of Unicode ranges is as long as Unicode
TABLES = {"lib/base/unicode_tables.c"}

faults = []
for path in tree.SOURCES:
    text = path.read_text()
    code = tree.without_comments(text).split("\n")
    where = tree.name(path)
    if len(code) > LONGEST_FILE and where not in TABLES:
        faults.append(f"{where}: {len(code)} lines")
    if "SPDX-License-Identifier: MIT" not in text[:200]:
        faults.append(f"{where}: no licence line")
    start = 0
    for number, line in enumerate(code, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start and number - start > LONGEST_FUNCTION and where not in TABLES:
            faults.append(f"{where}:{start}: a function of {number - start} lines")
        if FORBIDDEN.search(line):
            faults.append(f"{where}:{number}: {line.strip()}")
        if MEMORY.search(line) and not MAY_ALLOCATE.match(where):
            faults.append(f"{where}:{number}: {line.strip()}")
        if len(text.split("\n")[number - 1]) > 120:
            faults.append(f"{where}:{number}: longer than 120")
tree.verdict(faults)
