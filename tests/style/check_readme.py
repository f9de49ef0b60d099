# SPDX-License-Identifier: MIT
"""check_readme.py VERSION_HEADER_DIR COMPILER...: the bot of README.md compiles and is as short as it looks, and what
the page links to is there."""
import re
import subprocess
import sys

import tree

generated, compiler = sys.argv[1], sys.argv[2:]
page = (tree.ROOT / "README.md").read_text()
faults = [f"no such file: {target}" for target in re.findall(r"\]\(([^)#:]+)\)", page)
          if not (tree.ROOT / target).exists()]
faults += [f"no such command: {command}" for command in re.findall(r"^    ((?:examples|tests)/\S+\.sh)", page, re.M)
           if not (tree.ROOT / command).exists()]
programs = re.findall(r"^```c\n(.*?)^```", page, re.M | re.S)
if len(programs) != 1:
    faults.append(f"{len(programs)} programs in C")
for program in programs:
    if program.count("\n") > 25:
        faults.append(f"the bot has {program.count(chr(10))} lines")
    result = subprocess.run([*compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-xc", "-",
                             "-I", str(tree.ROOT / "include"), "-I", generated],
                            input=program, capture_output=True, text=True)
    if result.returncode:
        faults.append(result.stderr)
tree.verdict(faults)
