# SPDX-License-Identifier: MIT
"""Every kind and version of server that Debian 12 has, by TLS 1.2 and 1.3: the same questions to each, and a table of
what they answer. An answer that is not the one noted here, be it better or worse, is a failure.

Each pair below is one column of the table. `ok` means that all went as RFC 6120 and the XEPs say."""
import os
import pathlib
import re
import sys
import tempfile
import time

import backports
from ejabberd import Ejabberd
from harness import Client, Program
from launcher import PASSWORD, ServerError
from server import Server

BUILD = pathlib.Path(os.environ.get("ENVOI_BUILD", "."))
BOUND = os.environ.get("ENVOI_BOUND", "bound")
# the column's name, what starts it, and where backports has it (None: it is installed)
SERVERS = [("Prosody 0.12", Server, None), ("ejabberd 23.01", Ejabberd, None),
           ("Prosody 13", Server, "prosody"), ("ejabberd 24.12", Ejabberd, "ejabberd")]
PAIRS = {"TLS 1.2": ("montague.example", "romeo", "benvolio"), "TLS 1.3": ("capulet.example", "juliet", "nurse")}
ENTRY = "<entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title></entry>"
TUNE = "<tune xmlns='http://jabber.org/protocol/tune'><title>{}</title></tune>"

# how much of its farewell a server gets out before it is gone: stream error, end of TLS, or only the end of TCP
SHUTDOWN = ("ENVOI_ERR_SYSTEM_SHUTDOWN", "ENVOI_ERR_EOF", "ENVOI_ERR_TLS_TRUNCATED")
NOT_OFFERED = "ENVOI_ERR_AUTH_CHANNEL_BINDING"
UNSUPPORTED = "ENVOI_ERR_AUTH_MALFORMED_REQUEST: Proposed channel binding type isn't supported."
INVALID = "ENVOI_ERR_AUTH_REJECTED: Invalid channel binding"
# What is not `ok`: feature, server and TLS, of which both may be the beginning of a name -> the answer
ANSWERS = {
    ("login", "Prosody 0.12", "TLS 1.2"): "SCRAM-SHA-256-PLUS tls-unique",
    ("login", "Prosody 0.12", "TLS 1.3"): "SCRAM-SHA-256 none",
    ("login", "Prosody 13", "TLS 1.2"): "SCRAM-SHA-256-PLUS tls-unique",
    ("login", "Prosody 13", "TLS 1.3"): "SCRAM-SHA-256-PLUS tls-exporter",
    ("login", "ejabberd 23.01", "TLS 1.2"): "SCRAM-SHA-512-PLUS tls-unique",
    ("login", "ejabberd 23.01", "TLS 1.3"): "SCRAM-SHA-512 none",
    ("login", "ejabberd 24.12", "TLS"): "SCRAM-SHA-512-PLUS tls-exporter",
    # offers no binding under TLS 1.3
    ("login that must be bound", "Prosody 0.12", "TLS 1.3"): NOT_OFFERED,
    ("bound by tls-server-end-point", "Prosody 0.12", "TLS 1.3"): NOT_OFFERED,
    ("bound by tls-exporter", "Prosody 0.12", "TLS 1.3"): NOT_OFFERED,
    # does not say which bindings it has; it has tls-unique alone
    ("bound by tls-server-end-point", "Prosody 0.12", "TLS 1.2"): UNSUPPORTED,
    ("bound by tls-exporter", "Prosody 0.12", "TLS 1.2"): UNSUPPORTED,
    ("bound by tls-exporter", "Prosody 13", "TLS 1.2"): NOT_OFFERED,
    # offers binding under TLS 1.3 too, but it can only be tls-unique, which there is none of
    ("login that must be bound", "ejabberd 23.01", "TLS 1.3"): INVALID,
    ("bound by tls-server-end-point", "ejabberd 23.01", "TLS"): INVALID,
    ("bound by tls-exporter", "ejabberd 23.01", "TLS"): INVALID,
    # TLS 1.3 has no tls-unique (RFC 8446 C.5)
    ("bound by tls-unique", "", "TLS 1.3"): "binding GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE",
    ("PubSub items by page", "Prosody", "TLS"): "5 items for a page of 2, and no page is told",
    ("PubSub affiliations", "Prosody", "TLS"): "affiliations: service-unavailable",
    ("shutdown of the server", "", "TLS"): SHUTDOWN,
}


class Answer(Exception):
    """A server's answer that is not success."""


class Pair:
    """Two accounts of one domain, logged in, which is all that a question gets."""

    def __init__(self, server, tls):
        self.server, self.tls = server, tls
        self.domain, self.owner_name, self.reader_name = PAIRS[tls]
        self.pubsub = server.pubsub(self.domain)
        self.open = []
        self.serial = 0
        self.owner, self.reader = (self.logged_in(name, "--service", self.pubsub)
                                   for name in (self.owner_name, self.reader_name))

    def bare(self, name):
        return f"{name}@{self.domain}"

    def client(self, name, *flags, direct=False, resource=""):
        client = Client(self.bare(name) + resource, "--ca", self.server.ca, "--host",
                        self.server.address(self.domain, direct), *(["--direct"] if direct else []), *flags)
        self.open.append(client)
        return client

    def logged_in(self, name, *flags, **options):
        client = self.client(name, *flags, **options)
        client.jid = client.ready()
        return client

    def node(self):
        """A new node of the owner's."""
        self.serial += 1
        name = f"node-{self.tls[-1]}-{self.serial}"
        must(self.owner, f"create {self.pubsub} {name}")
        return name

    def publish(self, node, *items):
        for item in items:
            reply = must(self.owner, f"publish {self.pubsub} {node} {item} {ENTRY.format(item)}")
            expect(f"published {item}" in reply, f"published as {reply}")

    def followed(self):
        """A new node that the reader is subscribed to."""
        node = self.node()
        must(self.reader, f"subscribe {self.pubsub} {node} {self.bare(self.reader_name)}")
        appear(self.reader)
        return node

    def items(self, command):
        return [line.split()[2] for line in must(self.reader, command) if line.startswith("item ")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.open:
            client.__exit__()


def must(client, command):
    """The lines of a reply. An error of the server's is its answer."""
    reply = client.ask(command)
    fields = re.match(r"reply \d+ (\S+) condition=(\S+) pubsub=(\S+) ", reply[-1])
    if fields.group(1) == "ENVOI_OK":
        return reply[:-1]
    names = [name for name in fields.group(3, 2) if name != "none"] or [fields.group(1)]
    raise Answer(f"{command.split()[0]}: {' '.join(names)}")


def expect(is_so, otherwise):
    if not is_so:
        raise Answer(otherwise)


def appear(client):
    """Be available. The answer behind it shows that the server has taken it."""
    client.say("presence")
    must(client, "ping")


# The questions, in their order: the name of the function is the row's, its result the answer.


def starttls(pair):
    return log_in_and_out(pair)


def direct_tls(pair):
    return log_in_and_out(pair, direct=True)


def log_in_and_out(pair, **options):
    client = pair.client(pair.owner_name, **options)
    version = client.wait_for(r"^secured (\S+) ").group(1)
    expect(version == pair.tls.replace(" ", ""), f"secured by {version}")
    client.ready()
    client.say("close")
    error, line = client.closed()
    expect(error == "ENVOI_OK", line)


def login(pair):
    return " ".join(pair.client(pair.owner_name).wait_for(r"^authenticated (\S+) (\S+)$").groups())


def login_that_must_be_bound(pair):
    client = pair.client(pair.owner_name, "--bound")
    match = client.wait_for(r"^(ready) |^closed (\S+) .*\| (.*)$")
    expect(match.group(1), match.group(2) if match.group(3) == "none" else f"{match.group(2)}: {match.group(3)}")


def bound_by_tls_unique(pair):
    return bound_by("tls-unique", pair)


def bound_by_tls_server_end_point(pair):
    return bound_by("tls-server-end-point", pair)


def bound_by_tls_exporter(pair):
    return bound_by("tls-exporter", pair)


def bound_by(binding, pair):
    host, _, port = pair.server.address(pair.domain, direct=True).rpartition(":")
    with Program(BOUND, pair.bare(pair.owner_name), PASSWORD, host, port, pair.server.ca, binding) as program:
        status = program.finish()
        lines = program.lines.all
    if any(line.startswith("ready ") for line in lines):
        expect(status == 0 and any(re.fullmatch(rf"authenticated \S+-PLUS {binding}", line) for line in lines), str(lines))
        return "ok"
    return re.sub(r"^(closed|failed) | \| none$", "", lines[-1]).replace(" | ", ": ") if lines else "no word"


def resource_binding(pair):
    jid = pair.logged_in(pair.owner_name, resource="/balcony").jid
    expect(jid == pair.bare(pair.owner_name) + "/balcony", jid)


def messages_both_ways(pair):
    for source, target in ((pair.owner, pair.reader), (pair.reader, pair.owner)):
        text = f"\N{ROSE} & <from> {source.jid}"
        source.say(f"message {target.jid} {text}")
        line = target.receive("^message").string
        expect(line == f"message {source.jid} {text}", line)


def ping_to_a_client(pair):
    reply = pair.owner.ask(f"ping {pair.reader.jid}")[-1]
    expect("condition=service-unavailable" in reply, reply)


def service_discovery(pair):
    expect("identity server im" in must(pair.owner, f"info {pair.domain}"), "no identity server/im")
    main = pair.pubsub.partition(".")[2]
    expect(f"disco-item {pair.pubsub} none" in must(pair.owner, f"items {main}"), "the service is not listed")
    expect("identity pubsub service" in must(pair.owner, f"info {pair.pubsub}"), "no identity pubsub/service")
    node = pair.node()
    expect("identity pubsub leaf" in must(pair.owner, f"info {pair.pubsub} {node}"), "no identity pubsub/leaf")


def pubsub_create(pair):
    node = pair.node()
    reply = pair.owner.ask(f"create {pair.pubsub} {node}")[-1]
    expect("condition=conflict" in reply, reply)


def pubsub_create_configured(pair):
    node = f"configured-{pair.tls[-1]}"
    must(pair.owner, f"create {pair.pubsub} {node} pubsub#max_items 7")
    lines = must(pair.owner, f"configuration {pair.pubsub} {node}")
    expect("option pubsub#max_items 7" in lines, "the configuration is ignored")


def pubsub_configure(pair):
    node = pair.node()
    must(pair.owner, f"configure {pair.pubsub} {node} pubsub#title Verona")
    lines = must(pair.owner, f"configuration {pair.pubsub} {node}")
    expect("option pubsub#title Verona" in lines, "the title is lost")


def pubsub_publish_and_notify(pair):
    node = pair.followed()
    pair.publish(node, "one", "two")
    for item in ("one", "two"):
        pair.reader.receive(rf"^event-item {node} {item} ")
        payload = pair.reader.receive("^event-payload").string
        expect(f"<title>{item}</title>" in payload, payload)


def pubsub_items(pair):
    node = pair.node()
    pair.publish(node, "one", "two", "three")
    ways = ((f"get {pair.pubsub} {node}", ["one", "three", "two"]), (f"newest {pair.pubsub} {node} 1", ["three"]),
            (f"get {pair.pubsub} {node} two", ["two"]))
    for command, items in ways:
        found = sorted(pair.items(command))
        expect(found == items, f"{command.split()[0]}: {' '.join(found)}")
    payload = must(pair.reader, ways[2][0])[1]
    expect(payload == f"payload {ENTRY.format('two')}", payload)


def pubsub_items_by_page(pair):
    node, items = pair.node(), ["one", "two", "three", "four", "five"]
    pair.publish(node, *items)
    found, after = [], ""
    while len(found) < len(items):
        lines = must(pair.reader, f"page {pair.pubsub} {node} 2{after}")
        here = [line.split()[2] for line in lines if line.startswith("item ")]
        expect(lines and lines[-1].startswith("page "), f"{len(here)} items for a page of 2, and no page is told")
        first, last, count = lines[-1].split()[1:]  # names of places in the list, which need not be ItemIDs
        expect(first != "none" and 0 < len(here) <= 2, f"{len(here)} items for a page of 2")
        expect(count == "5", f"{count} of 5 are counted")
        found, after = found + here, f" {last}"
    expect(sorted(found) == sorted(items), f"the pages hold {' '.join(found)}")


def pubsub_retract(pair):
    node = pair.followed()
    pair.publish(node, "one", "two")
    must(pair.owner, f"retract {pair.pubsub} {node} one")
    pair.reader.receive(rf"^event-retract {node} one$")
    expect(pair.items(f"get {pair.pubsub} {node}") == ["two"], "the item is still there")


def pubsub_purge(pair):
    node = pair.followed()
    pair.publish(node, "one")
    must(pair.owner, f"purge {pair.pubsub} {node}")
    pair.reader.receive(rf"^event-purge {node}$")
    expect(pair.items(f"get {pair.pubsub} {node}") == [], "the item is still there")


def pubsub_subscriptions(pair):
    node, jid = pair.node(), pair.bare(pair.reader_name)
    line = f"subscription {node} {jid} subscribed"
    reply = must(pair.reader, f"subscribe {pair.pubsub} {node} {jid}")
    expect(reply[0] == line, str(reply))
    subid = "".join(f" {word.split()[1]}" for word in reply if word.startswith("subid "))
    expect(line in must(pair.reader, f"subscriptions {pair.pubsub}"), "the subscription is not listed")
    must(pair.reader, f"unsubscribe {pair.pubsub} {node} {jid}{subid}")
    expect(line not in must(pair.reader, f"subscriptions {pair.pubsub}"), "the subscription is still listed")


def pubsub_affiliations(pair):
    line = f"affiliation {pair.node()} {pair.bare(pair.owner_name)} owner"
    node = line.split()[1]
    expect(line in must(pair.owner, f"node-affiliations {pair.pubsub} {node}"), "the owner is not listed")
    mine = must(pair.owner, f"affiliations {pair.pubsub}")
    expect(f"affiliation {node} none owner" in mine or line in mine, "my node is not listed")


def pubsub_refusal(pair):
    reply = pair.reader.ask(f"publish {pair.pubsub} {pair.node()} mine {ENTRY.format('mine')}")[-1]
    expect("condition=forbidden" in reply, reply)


def pubsub_delete(pair):
    node = pair.followed()
    must(pair.owner, f"configure {pair.pubsub} {node} pubsub#notify_delete 1")
    must(pair.owner, f"delete {pair.pubsub} {node}")
    pair.reader.receive(rf"^event-delete {node}$")
    reply = pair.owner.ask(f"get {pair.pubsub} {node}")[-1]
    expect("condition=item-not-found" in reply, reply)


def personal_eventing(pair):
    """Publish to the own account, and be told (XEP-0163)."""
    node, jid = "http://jabber.org/protocol/tune", pair.bare(pair.reader_name)
    client = pair.logged_in(pair.reader_name, "--service", jid)
    must(client, f"publish - {node} current {TUNE.format('first')}")
    must(client, f"subscribe - {node} {jid}")
    appear(client)
    must(client, f"publish - {node} current {TUNE.format('second')}")
    while "second" not in client.receive("^event-payload").string:
        pass
    lines = must(client, f"get - {node}")
    expect(f"payload {TUNE.format('second')}" in lines, str(lines))


def second_session_of_a_resource(pair):
    first = pair.logged_in(pair.reader_name, resource="/chamber")
    pair.logged_in(pair.reader_name, resource="/chamber")
    error, line = first.closed()
    expect((error, "retry=0" in line) == ("ENVOI_ERR_CONFLICT", True), line)


def close(pair):
    pair.owner.say("close")
    error, line = pair.owner.closed()
    expect(error == "ENVOI_OK", line)


def shutdown_of_the_server(pair):
    pair.server.stop()
    error, line = pair.reader.closed()
    expect("retry=1" in line, line)
    return error


QUESTIONS = [starttls, direct_tls, login, login_that_must_be_bound, bound_by_tls_unique, bound_by_tls_server_end_point,
             bound_by_tls_exporter, resource_binding, messages_both_ways, ping_to_a_client, service_discovery,
             pubsub_create, pubsub_create_configured, pubsub_configure, pubsub_publish_and_notify, pubsub_items,
             pubsub_items_by_page, pubsub_retract, pubsub_purge, pubsub_subscriptions, pubsub_affiliations,
             pubsub_refusal, pubsub_delete, personal_eventing, second_session_of_a_resource, close]
LAST = shutdown_of_the_server


def title(question):
    """The row's name."""
    words = question.__name__.split("_")
    if words[:2] == ["bound", "by"]:
        return f"bound by {'-'.join(words[2:])}"
    names = {"tls": "TLS", "starttls": "STARTTLS", "pubsub": "PubSub"}
    return " ".join(names.get(word, word) for word in words)


class Table:
    """What was answered, as TAP while it comes and as Markdown in the end."""

    def __init__(self):
        self.columns, self.cells, self.count, self.failed = [], {}, 0, 0

    def line(self, fine, text, detail=""):
        self.count += 1
        self.failed += not fine
        print(f"{'ok' if fine else 'not ok'} {self.count} - {text}")
        for row in detail.splitlines():
            print(f"# {row}")
        sys.stdout.flush()

    def note(self, server, tls, question, answer, detail=""):
        wanted = "ok"
        for (name, kind, version), known in ANSWERS.items():  # the last that fits
            if name == title(question) and server.startswith(kind) and tls.startswith(version):
                wanted = known
        fine = answer in wanted if isinstance(wanted, tuple) else answer == wanted
        self.cells[title(question), (server, tls)] = answer
        self.line(fine, f"{server}, {tls}: {title(question)}: {answer.replace('#', '')}",
                  "" if fine else f"expected: {wanted}\n{detail}")

    def markdown(self):
        rows = [["", *(f"{server}, {tls}" for server, tls in self.columns)]]
        for question in (*QUESTIONS, LAST):
            rows.append([title(question), *(self.cells.get((title(question), column), "").replace("|", "\\|")
                                            for column in self.columns)])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        rows.insert(1, ["-" * width for width in widths])
        return "".join("| " + " | ".join(f"{cell:{width}}" for cell, width in zip(row, widths)) + " |\n" for row in rows)


def ask(table, name, pair, question):
    try:
        answer, detail = question(pair) or "ok", ""
    except Answer as told:
        answer, detail = str(told), ""
    except Exception as error:  # a hanging or broken client is an answer too, and the next question comes
        answer, _, detail = f"{type(error).__name__} {error}".partition("\n")
    table.note(name, pair.tls, question, answer, detail)


def ask_all(table, name, server):
    pairs = [Pair(server, tls) for tls in PAIRS]
    try:
        for pair in pairs:
            table.columns.append((name, pair.tls))
            for question in QUESTIONS:
                ask(table, name, pair, question)
        for pair in pairs:
            ask(table, name, pair, LAST)
    finally:
        for pair in pairs:
            pair.__exit__()


def root_of(package):
    if not package:
        return None
    return backports.unpacked(os.environ.get("ENVOI_BACKPORTS", BUILD / "backports")) / package


def main():
    table = Table()
    for name, kind, package in SERVERS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="envoi-") as folder:
            try:
                server = kind(pathlib.Path(folder) / "server", root_of(package))
            except backports.Unavailable as why:
                table.line(True, f"{name} # SKIP {why}")
                continue
            with server:
                try:
                    server.start()
                    table.line(server.version().startswith(name.split()[1]), f"{name} is {server.version()}")
                    ask_all(table, name, server)
                except (ServerError, AssertionError, RuntimeError, OSError) as error:
                    table.line(False, name, f"{error}\n{server.log()}")
        print(f"# {name}: {time.monotonic() - began:.1f} s")
    print(f"1..{table.count}")
    text = table.markdown()
    (BUILD / "interop.md").write_text(text)
    print("".join(f"# {row}\n" for row in text.splitlines()), end="")
    sys.exit(1 if table.failed else 0)


if __name__ == "__main__":
    main()
