# SPDX-License-Identifier: MIT
"""keep.py FUZZER SEEDS KEPT CORPUS_FILE [BYTES]: of what a run left in the folder KEPT, put into CORPUS_FILE (see
seeds.py) what reaches more than the seeds alone do, the smallest first, up to BYTES in all (30000)."""
import base64
import pathlib
import shutil
import subprocess
import sys
import tempfile

fuzzer, seeds, kept, corpus = sys.argv[1:5]
budget = int(sys.argv[5]) if len(sys.argv) > 5 else 30000
with tempfile.TemporaryDirectory() as folder:
    merged = pathlib.Path(folder) / "merged"
    shutil.copytree(seeds, merged)
    known = {path.name for path in merged.iterdir()}
    subprocess.run([fuzzer, "-merge=1", merged, kept], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = []
    for path in sorted((p for p in merged.iterdir() if p.name not in known), key=lambda p: (p.stat().st_size, p.name)):
        line = base64.b64encode(path.read_bytes()).decode() + "\n"
        if sum(map(len, lines)) + len(line) > budget:
            break
        lines.append(line)
pathlib.Path(corpus).write_text("".join(lines))
print(f"{len(lines)} inputs, {sum(map(len, lines))} bytes")
