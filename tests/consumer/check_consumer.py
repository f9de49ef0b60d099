# SPDX-License-Identifier: MIT
"""check_consumer.py BUILD LIBRARY_KIND COMPILER...: a program uses envoi the two ways README.md names: by pkg-config
from an installed tree, and as a Meson subproject; and the bot that README.md shows compiles. LIBRARY_KIND is shared,
static or both."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
build, kind, compiler = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def meson():
    return [shutil.which("meson") or sys.exit("meson is not in PATH")]


def by_pkg_config(folder):
    run(*meson(), "install", "-C", build, "--no-rebuild", "--destdir", folder)
    file = next(folder.rglob("envoi.pc"))
    environment = {**os.environ, "PKG_CONFIG_PATH": str(file.parent), "PKG_CONFIG_SYSROOT_DIR": str(folder)}
    flags = run("pkg-config", "--cflags", "--libs", "envoi", env=environment).split()
    headers = next(folder.rglob("envoi/envoi.h")).parents[1]
    library = next(folder.rglob("libenvoi.*")).parent
    run(*compiler, HERE / "main.c", f"-I{headers}", f"-L{library}", *flags, "-o", folder / "program")
    print(run(folder / "program", env={**os.environ, "LD_LIBRARY_PATH": str(library)}).strip(), "(pkg-config)")
    (folder / "bot.c").write_text(re.search(r"^```c\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S).group(1))
    run(*compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", folder / "bot.c", f"-I{headers}", f"-L{library}", *flags,
        "-o", folder / "bot")
    print("the bot of README.md compiles")


def as_subproject(folder):
    (folder / "subprojects").mkdir()
    (folder / "subprojects/envoi").symlink_to(ROOT)
    shutil.copy(HERE / "main.c", folder)
    shutil.copy(HERE / "project.build", folder / "meson.build")
    run(*meson(), "setup", folder / "build", folder, f"-Ddefault_library={kind}",
        env={**os.environ, "CC": " ".join(compiler)})
    run(*meson(), "test", "-C", folder / "build")
    print("runs (subproject)")


for way in (by_pkg_config, as_subproject):
    with tempfile.TemporaryDirectory() as name:
        way(pathlib.Path(name))
