# SPDX-License-Identifier: MIT
"""Scripted peers: an XMPP server that says and does what a test wants and keeps every byte it received, a name server
with records of the test's own, and a relay that listens."""
import base64
import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
import threading

STREAM = ("<?xml version='1.0'?><stream:stream from='{domain}' id='{id}' version='1.0' xml:lang='en' "
          "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
FEATURES_TLS = ("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                "</stream:features>")
FEATURES_SASL = ("<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                 "<mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>")
FEATURES_BIND = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
SASL = "<{0} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{1}</{0}>"
RESET = struct.pack("ii", 1, 0)


class Gone(Exception):
    """The connection is over: the client closed it, or the script wants it cut."""


def code(text):
    return base64.b64encode(text.encode()).decode()


class Connection:
    """One client. `clear` are the bytes it sent outside of TLS, `inside` those it sent within."""

    def __init__(self, sock, domain, certificate=None):
        self.sock, self.domain, self.certificate = sock, domain, certificate
        self.clear, self.inside, self.pending = b"", b"", ""
        self.tls = self.incoming = self.outgoing = None
        self.cut_at = self.cut_how = None
        sock.settimeout(60)

    # ---- bytes ----

    def _flush(self):
        data = self.outgoing.read()
        if data:
            self.sock.sendall(data)

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.incoming.write(data)

    def _receive(self):
        if not self.tls:
            data = self.sock.recv(65536)
            self.clear += data
        else:
            data = self._read_inside()
            self.inside += data
        if not data:
            raise Gone
        return data.decode()

    def _read_inside(self):
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                raise Gone from None

    def send(self, text):
        if self.tls:
            self.tls.write(text.encode())
            self._flush()
        else:
            self.sock.sendall(text.encode())

    def read_until(self, pattern):
        """The match of a pattern in what the client says; what stands behind it is kept for the next call."""
        while True:
            match = re.search(pattern, self.pending, re.S)
            if match:
                self.pending = self.pending[match.end():]
                return match
            self.pending += self._receive()

    def start_tls(self, between=None):
        """The server's side of the handshake. between() is called once the client has sent its first message."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self._fill()
        if between:
            between()
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                self._flush()
                raise Gone from None
        self.tls = tls
        self._flush()

    # ---- the end ----

    def reached(self, phase):
        if phase == self.cut_at:
            raise Gone

    def end(self):
        if self.cut_how == "RST":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        elif self.cut_how == "FIN": # what the client still sends must not turn the end into a reset
            try:
                self.sock.shutdown(socket.SHUT_WR)
                while self.sock.recv(65536):
                    pass
            except OSError:
                pass
        self.sock.close()

    # ---- what an honest server says ----

    def header(self):
        self.read_until(r"<stream:stream[^>]*>")
        self.send(STREAM.format(domain=self.domain, id=os.urandom(8).hex()))

    def scram(self, password):
        first = self.read_until(r"<auth [^>]*mechanism='SCRAM-SHA-256'[^>]*>([^<]*)</auth>").group(1)
        self.reached("auth")
        bare = base64.b64decode(first).decode().split(",", 2)[2]
        nonce = re.search(r"r=([^,]*)", bare).group(1) + os.urandom(9).hex()
        salt = os.urandom(16)
        challenge = f"r={nonce},s={base64.b64encode(salt).decode()},i=4096"
        self.send(SASL.format("challenge", code(challenge)))
        self.reached("challenge")
        final = base64.b64decode(self.read_until(r"<response[^>]*>([^<]*)</response>").group(1)).decode()
        self.reached("response")
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 4096)
        key = hmac.digest(salted, b"Server Key", "sha256")
        message = ",".join([bare, challenge, final.rsplit(",p=", 1)[0]])
        signature = base64.b64encode(hmac.digest(key, message.encode(), "sha256")).decode()
        self.send(SASL.format("success", code(f"v={signature}")))

    def bind(self):
        request = self.read_until(r"<iq [^>]*id='([^']*)'.*?</iq>")
        self.reached("bind")
        self.send(f"<iq type='result' id='{request.group(1)}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<jid>juliet@{self.domain}/x</jid></bind></iq>")

    def whole_session(self, password):
        """Everything up to a session, through every phase at which a connection may be cut."""
        self.reached("accept")
        self.header()
        self.reached("header")
        self.send(FEATURES_TLS)
        self.reached("features")
        self.read_until(r"<starttls [^>]*/>")
        self.send(PROCEED)
        self.reached("proceed")
        self.start_tls(lambda: self.reached("handshake"))
        self.reached("secured")
        self.header()
        self.send(FEATURES_SASL)
        self.reached("mechanisms")
        self.scram(password)
        self.reached("success")
        self.header()
        self.send(FEATURES_BIND)
        self.bind()
        self.reached("session")
        self.read_until(r"</stream:stream>")
        self.send("</stream:stream>")


class Listener:
    """Accepts connections on a free port of loopback and serves each by a function, until it is closed."""

    def __init__(self, serve):
        self.serve = serve
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.threads = []
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.serve, args=(sock,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def close(self):
        """Waits for the connections that were begun."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.acceptor.join(60)
        for thread in self.threads:
            thread.join(60)


class Peer(Listener):
    """A scripted XMPP server. `script` gets a Connection; `connections` keeps them all."""

    def __init__(self, script, domain, certificate=None, cut_at=None, cut_how=None):
        self.connections = []

        def serve(sock):
            connection = Connection(sock, domain, certificate)
            connection.cut_at, connection.cut_how = cut_at, cut_how
            self.connections.append(connection)
            try:
                script(connection)
            except Gone:
                pass
            except OSError: # the client was quicker to go
                pass
            finally:
                connection.end()

        super().__init__(serve)


class Relay(Listener):
    """Carries bytes to a server and keeps those that went there."""

    def __init__(self, port):
        self.sent = b""

        def carry(source, target, keep):
            try:
                while data := source.recv(65536):
                    if keep:
                        self.sent += data
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        def serve(sock):
            with sock, socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=carry, args=(server, sock, False), daemon=True)
                back.start()
                carry(sock, server, True)
                back.join(60)

        super().__init__(serve)


TYPES = {"A": 1, "SRV": 33}


class NameServer:
    """Answers from `records`, {(name, type): [data]}; everything else does not exist. `rcode` answers all alike."""

    def __init__(self, records, rcode=None):
        self.records, self.rcode, self.asked = records, rcode, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def name(text):
        labels = [label for label in text.split(".") if label]
        return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"

    @staticmethod
    def address_of(text):
        return socket.inet_aton(text)

    @classmethod
    def target(cls, priority, weight, port, host):
        return struct.pack("!HHH", priority, weight, port) + cls.name(host)

    def _serve(self):
        while True:
            try:
                query, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(self._answer(query), sender)

    def _answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        name, kind = ".".join(labels), struct.unpack("!H", query[at + 1:at + 3])[0]
        self.asked.append((name, kind))
        found = {key: data for key, data in self.records.items() if key[0] == name}
        answers = [data for key, many in found.items() if TYPES[key[1]] == kind for data in many]
        rcode = self.rcode if self.rcode is not None else 0 if found else 3
        head = query[:2] + struct.pack("!HHHHH", 0x8580 | rcode, 1, len(answers), 0, 0)
        body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for data in answers)
        return head + question + body

    def close(self):
        self.socket.close()
