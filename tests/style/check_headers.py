# SPDX-License-Identifier: MIT
"""check_headers.py VERSION_HEADER_DIR COMPILER...: each public header stands alone in C11 and C++, every function of
it is documented, and nothing in it would hurt a binding."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import tree

generated, compiler = sys.argv[1], sys.argv[2:]
FORBIDDEN = re.compile(r"\b(FILE|long|time_t|ssize_t|bool|va_list|union|inline)\b|\.\.\.|#\s*define\s+\w+\(|:\s*\d+\s*;")
faults = []


def documented(lines, number):
    """A comment ends on the line above, or the declaration is the continuation of a documented one."""
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above >= 0 and lines[above].strip().endswith("*/")


def compile_alone(header, language):
    command = list(compiler)
    if language == "c++":
        command = [shutil.which("c++") or shutil.which("clang++")]
        if not command[0]:
            return
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / ("alone." + ("c" if language == "c" else "cc"))
        source.write_text(f"#include <envoi/{header}>\nint main(void) {{ return 0; }}\n")
        standard = "-std=c11" if language == "c" else "-std=c++11"
        result = subprocess.run([*command, standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
                                 "-I", str(tree.ROOT / "include"), "-I", generated, str(source)],
                                capture_output=True, text=True)
        if result.returncode:
            faults.append(f"{header} alone in {language}: {result.stderr}")


for path in tree.HEADERS:
    lines = path.read_text().split("\n")
    code = tree.without_comments(path.read_text()).split("\n")
    for number, line in enumerate(code):
        if line.startswith("ENVOI_API") and not documented(lines, number):
            faults.append(f"{tree.name(path)}:{number + 1}: not documented: {line}")
        if FORBIDDEN.search(line):
            faults.append(f"{tree.name(path)}:{number + 1}: hurts a binding: {line}")
        if re.search(r"\bstruct\s+\w+\s*\{", line):
            faults.append(f"{tree.name(path)}:{number + 1}: a public struct with members")
    for language in ("c", "c++"):
        compile_alone(path.name.removesuffix(".in"), language)
tree.verdict(faults)
