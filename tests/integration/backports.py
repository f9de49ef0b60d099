# SPDX-License-Identifier: MIT
"""Newer servers from Debian's bookworm-backports, unpacked beside the installed ones. They are built for bookworm, so
what else they need is what the installed ones need. apt's own sources are not touched, and no right is needed."""
import os
import pathlib
import shutil
import subprocess
import tempfile

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ERLANG = ("acme cache-tab eimp mqtree oauth2 pkix sip sqlite3 stringprep stun tls utils xml xmpp yaml yconf zlib").split()
PACKAGES = {"prosody": ["prosody"],
            "ejabberd": ["ejabberd", "erlang-jose", *(f"erlang-p1-{name}" for name in ERLANG)]}


class Unavailable(Exception):
    """The packages cannot be had here; the message says why."""


def run(*words, **options):
    try:
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, **options).stdout
    except FileNotFoundError:
        raise Unavailable(f"there is no {words[0]}") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        raise Unavailable(f"{words[0]} failed: {' '.join(last)}") from None


def mirror():
    """Where apt gets bookworm itself from."""
    for line in run("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages").splitlines():
        uri, _, codename = line.partition(" ")
        if codename == "bookworm":
            return uri
    raise Unavailable("apt has no source of Debian 12 (bookworm)")


def download(folder):
    """Unpack each server into a folder of its name."""
    apt, packages = folder / "apt", folder / "packages"
    for path in (apt / "lists/partial", apt / "cache/archives/partial", packages):
        path.mkdir(parents=True)
    sources = apt / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} bookworm-backports main\n")
    settings = {"Dir::Etc::sourcelist": sources, "Dir::Etc::sourceparts": "-", "Dir::State::lists": apt / "lists",
                "Dir::Cache": apt / "cache", "Acquire::Retries": 3, "Acquire::http::Timeout": 20}
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    run("apt-get", "-q", *options, "update")
    run("apt-get", "-q", *options, "download", *sum(PACKAGES.values(), []), cwd=packages)
    for name, members in PACKAGES.items():
        for member in members:
            for package in packages.glob(f"{member}_*.deb"):
                run("dpkg", "-x", package, folder / name)
    shutil.rmtree(apt)
    shutil.rmtree(packages)


def unpacked(cache):
    """The folder that holds the servers, each in a folder of its name; what was once fetched is used again."""
    cache = pathlib.Path(cache).resolve()
    if not cache.is_dir():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder:
            made = pathlib.Path(folder) / "made"
            download(made)
            try:
                made.rename(cache)
            except OSError:  # another run was faster
                if not cache.is_dir():
                    raise
    return cache
