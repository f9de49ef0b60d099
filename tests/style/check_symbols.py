# SPDX-License-Identifier: MIT
"""check_symbols.py LIBRARY [--write]: the shared library exports exactly the functions that the public headers
declare, exactly those stand in the map, it calls nothing that it must not, and it has no state of its own.
--write puts new functions into the map's newest node."""
import re
import subprocess
import sys

import tree

FORBIDDEN = {"rand", "random", "gethostbyname", "getaddrinfo", "select", "srand", "srandom", "exit", "abort"}
library = sys.argv[1]
map_path = tree.ROOT / "lib/envoi.map"


def nm(*options):
    output = subprocess.run(["nm", *options, library], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in output.splitlines() if line.strip()]


def declared():
    functions = set()
    for path in tree.HEADERS:
        code = tree.without_comments(path.read_text())
        functions |= set(re.findall(r"^ENVOI_API[^;(]*?(\w+)\(", code, re.M))
    return functions


def write_map(functions):
    newest = map_path.read_text().split("{")[0].strip()
    body = "".join(f"  {function};\n" for function in sorted(functions))
    map_path.write_text(f"{newest} {{\nglobal:\n{body}local:\n  *;\n}};\n")


functions = declared()
if "--write" in sys.argv:
    write_map(functions)
mapped = set(re.findall(r"^\s+(envoi_\w+);", map_path.read_text(), re.M))
exported = {fields[-1].split("@")[0] for fields in nm("-D", "--defined-only") if fields[-2] in "TtDdBbRrVvWw"}
exported -= {fields[-1].split("@")[0] for fields in nm("-D", "--defined-only") if fields[-2] == "A"}
undefined = {fields[-1].split("@")[0] for fields in nm("-D", "--undefined-only")}
# constants that hold pointers stand in .data.rel.ro, which the loader makes read-only
table = subprocess.run(["objdump", "-t", library], capture_output=True, text=True, check=True).stdout
writable = [line.split()[-1] for line in table.splitlines()
            if re.search(r"\s(\.data|\.bss|\.tdata|\.tbss|COMMON)\s", line) and not line.split()[-1].startswith(".")]
# what the C run-time and the loader put into every shared library
HARMLESS = re.compile(r"^(__dso_handle|completed\.\d+|__TMC_END__|_DYNAMIC|_GLOBAL_OFFSET_TABLE_|__bss_start|_edata|_end|"
                      r"__frame_dummy_init_array_entry|__do_global_dtors_aux_fini_array_entry)$")

faults = [f"declared and not in the map: {f}" for f in sorted(functions - mapped)]
faults += [f"in the map and not declared: {f}" for f in sorted(mapped - functions)]
faults += [f"declared and not exported: {f}" for f in sorted(functions - exported)]
faults += [f"exported and not declared: {f}" for f in sorted(exported - functions)]
faults += [f"calls {f}" for f in sorted(undefined & FORBIDDEN)]
faults += [f"writable data: {symbol}" for symbol in writable if not HARMLESS.match(symbol)]
print(f"{len(exported)} functions, {len(writable)} symbols of the run-time")
tree.verdict(faults)
