# SPDX-License-Identifier: MIT
"""check_examples.py EXAMPLES_BUILD_DIR EXAMPLES_SOURCE_DIR [LIBRARY]: every example explains what is wrong in one line
and ends with the right code, without a server; the echo bots stay small; and all of them use the public header only."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

built, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
library = sys.argv[3] if len(sys.argv) > 3 else None
SECRET = "s3cret-w0rds"
LOGIN = {"XMPP_JID": "juliet@localhost", "XMPP_PASSWORD": SECRET}
SECOND = {"XMPP_JID2": "romeo@localhost", "XMPP_PASSWORD2": SECRET}
NODE = "xmpp:pubsub.localhost?;node=news"
faults, cases = [], 0


def run(name, arguments, env, stdin):
    command = [str(built / name)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XMPP_")}
    if name.endswith(".py"):
        command = [sys.executable, str(source / "python" / name)]
        environment["ENVOI_LIBRARY"] = library
    environment.update(env)
    # a session of its own: no terminal to ask for a password
    return subprocess.run([*command, *arguments], env=environment, input=stdin, text=True, capture_output=True,
                          timeout=60, start_new_session=True)


def expect(name, arguments, env, code, needle, stdin="Hello\n", lines=1):
    """Exit code, a text in what is said, how many lines are said, and no password anywhere."""
    global cases
    cases += 1
    result = run(name, arguments, env, stdin)
    said = result.stdout if code == 0 else result.stderr
    what = f"{name} {' '.join(arguments)}"
    if result.returncode != code:
        faults.append(f"{what}: ended with {result.returncode} instead of {code}: {result.stdout}{result.stderr}")
    if not re.search(needle, said):
        faults.append(f"{what}: nothing like {needle!r} in: {said}")
    if lines and len(said.splitlines()) != lines:
        faults.append(f"{what}: {len(said.splitlines())} lines instead of {lines}: {said}")
    if SECRET in result.stdout + result.stderr:
        faults.append(f"{what}: shows the password")


def listener(answer):
    """A port that takes connections, says something that is not XMPP, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)
    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{server.getsockname()[1]}"


# a port that is taken and listens to nobody refuses
closed = socket.socket()
closed.bind(("127.0.0.1", 0))
CLOSED = f"127.0.0.1:{closed.getsockname()[1]}"
WEB = listener(b"HTTP/1.1 400 Bad Request\r\n\r\n")

PROGRAMS = {  # what they need beside an account
    "pipe_transport": ["--", "true"],
    "poll_loop": [],
    "pubsub_publish": [NODE],
    "pubsub_watch": [NODE],
}
OVER_TCP = [name for name in PROGRAMS if name != "pipe_transport"]
everything = {**LOGIN, **SECOND}

for name, rest in PROGRAMS.items():
    expect(name, ["--help"], {}, 0, r"^usage: " + name + r"(.|\n)*--password-file", lines=0)
    expect(name, ["--bogus"], {}, 2, r"there is no option --bogus; try " + name + " --help")
    expect(name, ["--jid"], {}, 2, r"a value is missing behind --jid")
    expect(name, ["--jid", "a@b", "--jid", "a@b"], {}, 2, r"given too often: --jid")
    expect(name, rest, {}, 2, r"set XMPP_JID or pass --jid JID")
    expect(name, rest, {"XMPP_JID": "juliet@localhost"}, 2, r"set XMPP_PASSWORD or pass --password-file FILE")
    expect(name, ["--jid", "@localhost", *rest], everything, 1, r"not a valid JID \(@localhost\)\. A JID looks like")
    expect(name, ["--password-file", "/nowhere/file", *rest], everything, 1,
           r"cannot read the password from /nowhere/file: .*\. Check --password-file\.")
    expect(name, ["--password-file", "/dev/null", *rest], everything, 1, r"there is no password in the first line")
    expect(name, ["--ca", "/nowhere/ca.pem", *rest], everything, 1, r"no trusted certificates .*Check the file given by")
    expect(name, ["--ca", "/dev/null", *rest], everything, 1, r"no trusted certificates .*Check the file given by")

for name in OVER_TCP:
    rest = PROGRAMS[name]
    lines = 2 if name == "poll_loop" else 1  # one for each account
    expect(name, ["--host", CLOSED, *rest], everything, 1, r"refused the connection .*Check that the server runs", lines=0)
    expect(name, ["--host", WEB, *rest], everything, 1, r"Check that this is an XMPP port", lines=0)
    expect(name, ["--host", WEB, "--direct-tls", *rest], everything, 1, r"the TLS handshake failed.*--direct-tls", lines=0)
    expect(name, ["--host", "127.0.0.1:no", *rest], everything, 1, r"cannot connect: an argument is .*\(127\.0\.0\.1:no\)")
    expect(name, ["--verbose", "--host", CLOSED, *rest], everything, 1, r"\n- |^- ", lines=0)
    expect(name, ["--timeout", "soon", *rest], everything, 2, r"this is not a number of seconds: soon")
    expect(name, ["--host", CLOSED, *rest], {**everything, "XMPP_CA": ""}, 1, r"no trusted certificates")

expect("poll_loop", [], LOGIN, 2, r"set XMPP_JID2 or pass --jid2 JID")
expect("poll_loop", ["surplus"], everything, 2, r"this is no option: surplus")
expect("pipe_transport", ["--host", CLOSED], LOGIN, 2, r"there is no option --host")  # the command connects
expect("pipe_transport", [], LOGIN, 2, r"a command is missing behind --")
expect("pipe_transport", ["--", "/nowhere/command"], LOGIN, 1, r"cannot run /nowhere/command: .*\. Check the command")
# whether its end or our header comes first decides if the pipe is at its end or broken
expect("pipe_transport", ["--", "true"], LOGIN, 1, r"cannot log in: the server (ended|reset) the connection")
expect("pipe_transport", ["--", "echo", "HTTP/1.1 400"], LOGIN, 1, r"cannot log in: .*Check that this is an XMPP port")

for name in ("pubsub_publish", "pubsub_watch"):
    expect(name, [], LOGIN, 2, r"URI of a node")
    expect(name, ["http://example.com/"], LOGIN, 1, r"not an xmpp: URI|cannot read the URI")
    expect(name, ["xmpp:pubsub.localhost"], LOGIN, 2, r"URI of a node")
    expect(name, [NODE, NODE], LOGIN, 2, r"there is one URI too many")
    expect(name, ["--node", "n", NODE], LOGIN, 2, r"give either a URI or")
expect("pubsub_watch", ["--count", "-1", NODE], LOGIN, 2, r"this is not a number of items: -1")
expect("pubsub_publish", ["--option", "open", NODE], LOGIN, 2, r"this is not NAME=VALUE: open")
expect("pubsub_publish", ["--option", "=open", NODE], LOGIN, 2, r"this is not NAME=VALUE: =open")
expect("pubsub_publish", [NODE], LOGIN, 1, r"there is nothing to publish", stdin="\n \n")
expect("pubsub_publish", [NODE], LOGIN, 1, r"it is too long", stdin="a" * (1 << 20))
expect("pubsub_publish", [NODE], LOGIN, 1, r"cannot publish this text: .*XML", stdin="a\0b")
expect("pubsub_publish", ["--atom", "/nowhere/feed", NODE], LOGIN, 1, r"cannot read /nowhere/feed: .*Check --atom FILE")
expect("pubsub_publish", ["--atom", "/dev/null", NODE], LOGIN, 1, r"cannot read the Atom file")
expect("pubsub_publish", ["--atom", "x", "--title", "t", NODE], LOGIN, 2, r"--title is for text, not for --atom")
with tempfile.NamedTemporaryFile("w", suffix=".atom") as feed:
    feed.write("<feed xmlns='http://www.w3.org/2005/Atom'><entry/><entry/></feed>")
    feed.flush()
    expect("pubsub_publish", ["--atom", feed.name, "--id", "i", NODE], LOGIN, 2, r"--id is for one entry")
with tempfile.NamedTemporaryFile("w", suffix=".atom") as feed:
    feed.write("<entry xmlns='urn:example:other'/>")
    feed.flush()
    expect("pubsub_publish", ["--atom", feed.name, NODE], LOGIN, 1, r"there is no Atom entry in")

expect("lasting_bot", ["--help"], {}, 0, r"XMPP_JID", lines=0)
expect("lasting_bot", [], {}, 1, r"try --help")
expect("lasting_bot", [], {"XMPP_JID": "@", "XMPP_PASSWORD": SECRET}, 1, r"not a valid JID; try --help")
expect("lasting_bot", [], {**LOGIN, "XMPP_HOST": "127.0.0.1:no"}, 1, r"try --help")
expect("lasting_bot", [], {**LOGIN, "XMPP_RETRY_MS": "0"}, 1, r"try --help")
expect("lasting_bot", [], {**LOGIN, "XMPP_HOST": WEB}, 1, r"^closed: ")

for name in ["echo_bot"] + (["echo_bot.py"] if library else []):
    expect(name, ["--help"], {}, 0, r"XMPP_JID", lines=0)
    if name == "echo_bot":
        run_wrong = run(name, ["--bogus"], {}, "")
        if run_wrong.returncode != 2 or "XMPP_JID" not in run_wrong.stdout:
            faults.append(f"{name} --bogus: {run_wrong.returncode}: {run_wrong.stdout}")
    expect(name, [], {}, 1, r"; check XMPP_JID")
    expect(name, [], {"XMPP_JID": "@", "XMPP_PASSWORD": SECRET}, 1, r"not a valid JID.*; check XMPP_JID")
    expect(name, [], {**LOGIN, "XMPP_CA": "/nowhere"}, 1, r"no trusted certificates could be loaded.*XMPP_CA")
    expect(name, [], {**LOGIN, "XMPP_HOST": CLOSED}, 1, r"connection.*refused.*XMPP_HOST")
    expect(name, [], {**LOGIN, "XMPP_HOST": WEB}, 1, r"; check XMPP_JID")
    expect(name, [], {**LOGIN, "XMPP_HOST": "127.0.0.1:no"}, 1, r"XMPP_HOST")

TALK = source / "replay_bot.txt"
expect("replay_bot", ["--help"], {}, 0, r"^usage: replay_bot TRANSCRIPT", lines=2)
expect("replay_bot", [], {}, 2, r"pass a transcript, such as")
expect("replay_bot", ["/nowhere/talk"], {}, 2, r"pass a transcript, such as")
expect("replay_bot", [str(TALK)], {}, 0, r"^ok 1 - .*\nok 2 - .*\nok 3 - .*\n1\.\.3\n$", lines=4)
with tempfile.NamedTemporaryFile("w", suffix=".txt") as other:  # a bot that does something else fails its test
    other.write(TALK.read_text().replace("It is the east", "It is the west", 1))
    other.flush()
    wrong = run("replay_bot", [other.name], {}, "")
    cases += 1
    if wrong.returncode != 1 or "line 26: something else was sent: <message to='romeo@" not in wrong.stdout:
        faults.append(f"replay_bot with another transcript: {wrong.returncode}: {wrong.stdout}")

for path, most in ((source / "echo_bot.c", 40), (source / "python/echo_bot.py", 60)):
    count = path.read_bytes().count(b"\n")
    if count > most:
        faults.append(f"{path}: {count} lines instead of {most}")
for path in sorted(source.rglob("*.[ch]")):
    for include in re.findall(r'#\s*include\s+([<"].*?[>"])', path.read_text()):
        if include.startswith('"') and not re.match(r'"(common/)?[a-z_]+\.h"$', include) or \
                include.startswith("<envoi/") and include != "<envoi/envoi.h>":
            faults.append(f"{path}: includes {include}")

for fault in faults:
    print(fault)
print(f"{cases} cases, {len(faults)} faults")
sys.exit(1 if faults else 0)
