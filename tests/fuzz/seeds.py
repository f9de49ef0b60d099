# SPDX-License-Identifier: MIT
"""seeds.py TESTS_FOLDER OUT STAMP DEPFILE: make the seeds of all fuzz targets, a folder each, from the transcripts, the tables of
vectors, and the inputs that earlier runs found worth keeping (corpus/TARGET.txt, one base64 line each)."""
import base64
import hashlib
import hmac
import pathlib
import re
import shutil
import sys

tests, out, stamp, depfile = (pathlib.Path(argument) for argument in sys.argv[1:5])
sources = []
TARGETS = ("gate", "session", "negotiation", "sasl", "jid", "uri", "data", "base64", "writer")
LONGEST = 6000
seeds = {target: [] for target in TARGETS}
HEADER = ("<stream:stream from='im.example.com' id='s1' version='1.0' xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams'>")


def add(target, data):
    data = data if isinstance(data, bytes) else data.encode()
    if len(data) <= LONGEST and data not in seeds[target]:
        seeds[target].append(data)


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def read_lines(path):
    sources.append(str(path))
    return path.read_text().rstrip("\n").split("\n")


# ---- transcripts ----

def lines_of(path):
    for line in read_lines(path):
        if line.startswith("include "):
            yield line
            yield from lines_of(path.parent / line.split()[1])
        elif line and not line.startswith("#"):
            yield line


class Session:
    """What a transcript becomes: calls of drive.h, with the ids and nonces that predictable.c makes."""

    def __init__(self, connect):
        self.options = dict(word.split("=", 1) for word in connect.split()[2:] if "=" in word)
        self.calls, self.behind_login, self.variables, self.random_calls = b"", b"", {}, 0
        self.said, self.mechanism, self.first, self.nonce = "", "SCRAM-SHA-1", "", ""
        self.logged_in = False

    def kind(self):
        tls, password = self.options.get("tls", "starttls"), "password" in self.options
        if tls == "external":
            return 4 if "exporter" in self.options or "allow" not in self.options else 0 if password else 2
        if tls == "local":
            return 3 if "allow" in self.options else 1
        return 7 if tls == "direct" else 5 if password else 6

    def random(self, size):
        self.random_calls += 1
        return b64(bytes([self.random_calls - 1]) * size)

    def expected(self, text):
        """A line of ours: it tells which ids and nonces were made."""
        if "<auth" in text and "PLAIN" not in text:
            name = re.search(r"mechanism='([^'{]+)'", text)
            self.mechanism = name.group(1) if name else self.mechanism
            self.nonce = self.random(24)
        for name in re.findall(r"id='\{([\w-]+)\}'", text):
            if name not in self.variables:
                self.variables[name] = self.random(16)[:22] + ".0"

    def server_first(self, options):
        nonce = re.search(r"(?<!same-)nonce=(\S*)", options)
        nonce = self.nonce if "same-nonce" in options else nonce.group(1) if nonce else self.nonce + "server"
        salt = re.search(r"salt=(\S*)", options)
        count = re.search(r"i=(\S*)", options)
        self.first = (f"r={nonce},s={salt.group(1) if salt else b64('envoi salt 12345')},"
                      f"i={count.group(1) if count else 4096}{',m=x' if 'm-ext' in options else ''}")
        return b64(self.first)

    def server_final(self, options):
        name = "sha256" if "SHA-256" in self.mechanism else "sha512" if "SHA-512" in self.mechanism else "sha1"
        plus = self.mechanism.endswith("-PLUS")
        binding = "p=tls-exporter,," + self.options.get("exporter", "") if plus else "n,,"
        message = (f"n=juliet,r={self.nonce},{self.first},c={b64(binding)},"
                   f"r={self.first[2:].split(',')[0]}")
        password = "wrong" if "wrong" in options else self.options.get("password", "r0m30")
        salted = hashlib.pbkdf2_hmac(name, password.encode(), b"envoi salt 12345", 1)
        key = hmac.digest(salted, b"Server Key", name)
        return b64("v=" + b64(hmac.digest(key, message.encode(), name)))

    def expand(self, match):
        name = match.group(1)
        if name.startswith("server-first"):
            return self.server_first(name)
        if name.startswith("server-final"):
            return self.server_final(name)
        if name.startswith("repeat "):
            _, count, text = name.split(" ", 2)
            return text * int(count)
        if name.startswith("count "):
            _, first, last, text = name.split(" ", 3)
            return "".join(text.replace("#", str(number)) for number in range(int(first), int(last) + 1))
        return chr(int(name[5:], 16)) if name.startswith("byte ") else self.variables.get(name, "x")

    def call(self, data):
        self.calls += data
        if self.logged_in:
            self.behind_login += data

    def server_says(self, text):
        text = re.sub(r"\{([^}]*)\}", self.expand, text)
        self.said += text
        self.call(b"S" + text.encode("latin-1" if "\xff" in text else "utf-8").replace(b"\0", b"\1") + b"\0")

    def action(self, text):
        word = text.split()[0]
        if word == "send":
            self.call(b"M\0")
        elif word == "send_iq":
            self.call(b"I" + (b"\1" if "svc" in text else b"\0") + b"\0")
        elif word == "cancel":
            self.call(b"X\0")
        elif word in ("close", "eof", "fail"):
            self.call({"close": b"C", "eof": b"E", "fail": b"F"}[word])
        elif word in ("password", "no-password"):
            self.call(b"P" + (b"\0" if word == "no-password" else b"\1" if "r0m30" in text else b"\2"))

    def line(self, line):
        kind, text = line[:2], line[3:]
        if kind in ("S:", "S="):
            self.server_says(text)
        elif kind in ("C:", "C="):
            self.expected(text)
        elif kind == "A:" and not text.startswith("connect"):
            self.action(text)
        elif kind == "T:":
            self.call(b"t" if int(text) > 5000 else b"T" + bytes([min(int(text), 1000).bit_length()]))
        elif kind == "E:" and text.startswith("ready"):
            self.logged_in = True


def add_transcript(path):
    session = None
    for line in lines_of(path):
        if line.startswith("A: connect"):
            session = Session(line)
        elif session:
            session.line(line)
            if line.startswith(("S: <", "S= <")) and not line[3:].startswith(("<stream:stream", "<?xml", "</")):
                add("gate", "@" + re.sub(r"\{([^}]*)\}", "x", line[3:]))
    if not session:
        return
    add("negotiation", bytes([session.kind()]) + session.calls)
    if session.behind_login:
        add("session", b"\0" + session.behind_login)
        add("session", b"\1Q" + session.behind_login.replace(b"S", b"s", 1))
    for part in re.split(r"(?=<\?xml)", session.said):
        add("gate", "O" + part)
        if part and "</stream:stream>" not in part:
            add("gate", "\7" + part + "</stream:stream>")


# ---- tables ----

def rows(name):
    table = read_lines(tests / "vectors" / name)
    columns = table[0].split("\t")
    for line in table[1:]:
        yield dict(zip(columns, line.split("\t")))


def add_tables():
    for row in rows("jid.tsv"):
        if row["input_hex"] != "(long)":
            add("jid", bytes.fromhex(row["input_hex"]))
    for name, column in (("uri.tsv", "input"), ("uri-corpus.tsv", "uri")):
        for row in rows(name):
            add("uri", row[column])
    for name in ("pubsub-events.tsv", "pubsub-replies.tsv", "pubsub-requests.tsv", "pubsub-errors.tsv"):
        for row in rows(name):
            for cell in row.values():
                if cell.startswith("<"):
                    add("data", cell)
    offers = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "PLAIN"]
    for row in rows("sasl.tsv"):
        if row["mechanism"] in offers:
            start = bytes([offers.index(row["mechanism"])])
            add("sasl", start + b"c" + row["server_first"].encode() + b"\0s" + row["server_final"].encode() + b"\0")


# ---- what no transcript or table has ----

def scram(offer, name, gs2, extensions="", in_challenge=False):
    """A login that succeeds in the target sasl."""
    nonce, salt = "fyko+d2lbbFgONRv9qkxdawL", "QSXCR+Q6sek8bf92"
    first = f"r={nonce}srv,s={salt},i=4096{extensions}"
    message = f"n=user,r={nonce},{first},c={b64(gs2)},r={nonce}srv"
    salted = hashlib.pbkdf2_hmac(name, b"pencil", base64.b64decode(salt), 1)
    signature = b64(hmac.digest(hmac.digest(salted, b"Server Key", name), message.encode(), name))
    end = f"cv={signature}\0S\0" if in_challenge else f"sv={signature}\0"
    add("sasl", bytes([offer]) + f"c{first}\0{end}".encode())


def add_others():
    for in_challenge in (False, True):
        scram(0, "sha1", "n,,", "", in_challenge)
        scram(1, "sha256", "n,,", ",x=y", in_challenge)
        scram(2, "sha512", "n,,", "", in_challenge)
        scram(3, "sha1", "p=tls-exporter,," + "x" * 32, "", in_challenge)
        scram(4, "sha256", "p=tls-exporter,," + "x" * 32, "", in_challenge)
    for text in ("\5S\0", "\5c\0S\0", "\0ce=other-error\0", "\0s\0", "\1cr=x\0"):
        add("sasl", text)
    for size in range(8):
        add("base64", b64(bytes(range(250, 250 - size, -1))))
    add("base64", "AA=A")
    add("base64", "AB==")
    for text in ("exml\0urn:x\0aid\0v<&>'\"\n\r\t\0nlang\0http://www.w3.org/XML/1998/namespace\0de\0tText ]]> \r\n\0uc",
                 "ea\0\0eb\0urn:b\0na\0urn:c\0v\0na\0urn:b\0w\0uuebody\0\0tsecret\0",
                 "eauth\0urn:ietf:params:xml:ns:xmpp-sasl\0tAGp1bGlldA==\0u", "nxmlns\0u\0v\0", "axmlns\0v\0"):
        add("writer", text)
    ns = "http://jabber.org/protocol/"
    page = f"<set xmlns='{ns}rsm'><first index='0'>a</first><last>b</last><count>9</count></set>"
    form = ("<x xmlns='jabber:x:data' type='{}'><title>T</title><instructions>I</instructions>"
            "<field var='FORM_TYPE' type='hidden'><value>urn:f</value></field><field var='a' type='list-single' label='L'>"
            "<desc>D</desc><required/><option label='1'><value>1</value></option><value>1</value></field>"
            "<field type='fixed'><value>words</value></field><field var='j' type='jid-multi'><value>A@b.example</value>"
            "<value>a@b.example</value></field><field var='m' type='text-multi'><value>1</value><value>2</value></field></x>")
    for kind in ("form", "submit", "cancel", "result"):
        add("data", form.format(kind))
    add("data", "<x xmlns='jabber:x:data' type='result'><reported><field var='a'/></reported>"
                "<item><field var='a'><value>1</value></field></item><item/></x>")
    add("data", f"<iq xmlns='jabber:client' type='result'><query xmlns='{ns}disco#info' node='n'><identity category='c' "
                f"type='t' name='n' xml:lang='en'/><feature var='f'/><feature var='f'/>{form.format('result')}</query></iq>")
    add("data", f"<iq xmlns='jabber:client' type='result'><query xmlns='{ns}disco#items'><item jid='A.example' node='n' "
                f"name='N'/>{page}</query></iq>")
    add("data", f"<q>{page}<set xmlns='{ns}rsm'><max>5</max><after>x</after></set></q>")
    add("data", f"<set xmlns='{ns}rsm'><max>5</max><before/><index>3</index></set>")
    add("data", "<iq xmlns='jabber:client' type='error' from='a.example' id='1'><q xmlns='u'/><error type='cancel' by='b'>"
                "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:x</gone><text xml:lang='de' "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>weg</text><odd xmlns='urn:app'/></error></iq>")
    for data in list(seeds["data"]):
        add("gate", b"@" + data)
    add("gate", "C\ufeff<?xml version=\"1.0\" encoding='UTF-8' standalone='no' ?>" + HEADER + " <a/> </stream:stream> ")
    add("gate", "A" + HEADER + "<m xmlns='urn:m' a='&#10;&amp;' xml:lang='x'>&#x20AC;<![CDATA[<&]]\r\n]]><b/>t\r\n</m></stream:stream>")


def add_kept():
    for target in TARGETS:
        path = tests / "fuzz" / "corpus" / (target + ".txt")
        for line in read_lines(path) if path.exists() else ():
            add(target, base64.b64decode(line))


# a folder changes when a file comes or goes
folders = [tests / "transcript" / "scenarios", tests / "fuzz" / "corpus"]
sources += [str(folder) for folder in folders if folder.exists()]
for scenario in sorted(folders[0].glob("*.txt")):
    add_transcript(scenario)
add_tables()
add_others()
add_kept()
if out.exists():
    shutil.rmtree(out)
for target, inputs in seeds.items():
    (out / target).mkdir(parents=True)
    for data in inputs:
        (out / target / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)
summary = "\n".join(f"{target}\t{len(inputs)} seeds\t{sum(map(len, inputs))} bytes" for target, inputs in seeds.items())
depfile.write_text(f"{stamp}: {' '.join(sorted(set(sources)))}\n")
stamp.write_text(summary + "\n")
