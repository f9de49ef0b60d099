# SPDX-License-Identifier: MIT
"""What cannot work, and what must not: each has its own error and sentence, and no credential leaves before verified
TLS."""
import base64
import pathlib
import socket
import tempfile
import unittest

import harness
from authority import Authority
from peer import FEATURES_SASL, FEATURES_TLS, PROCEED, STREAM, Gone, NameServer, Peer, Relay
from server import PASSWORD, REFUSED, Server

DOMAIN = "capulet.example"
USER = "juliet"


def credentials():
    """What must never be seen in the clear: the user name, the password, and either in the forms that SASL gives
    them at any offset of base64."""
    forms = {USER.encode(), PASSWORD.encode()}
    for secret in list(forms):
        for before in range(3):
            text = base64.b64encode(b"\0" * before + secret)
            forms.add(text[4 if before else 0:len(text) // 4 * 4 - 4])
    return forms


class Refusal(harness.ServerCase):
    """Against Prosody."""

    def refusal(self, jid, *flags, **options):
        """The error's name, its sentence, and the detail."""
        client = self.client(jid, *flags, **options)
        error, line = client.closed()
        self.assertFalse([text for text in client.lines.all if text.startswith("ready")])
        _, sentence, detail = line.split(" | ")
        self.assertNotIn(PASSWORD, client.transcript())
        return error, sentence, detail

    def test_wrong_password_is_told(self):
        error, sentence, _ = self.refusal("juliet@capulet.example", password="wrong")
        self.assertEqual((error, sentence),
                         ("ENVOI_ERR_AUTH_REJECTED", "the server rejected the user name or password"))

    def test_unknown_user_is_told(self):
        self.assertEqual(self.refusal("nobody@capulet.example")[0], "ENVOI_ERR_AUTH_REJECTED")

    def test_wrong_password_is_told_where_binding_is_used(self):
        self.assertEqual(self.refusal("romeo@montague.example", password="wrong")[0], "ENVOI_ERR_AUTH_REJECTED")

    def test_unknown_domain_is_told(self):
        self.assertEqual(self.refusal("juliet@verona.example")[0], "ENVOI_ERR_HOST_UNKNOWN")

    def test_each_bad_certificate_has_its_own_error(self):
        expected = {"expired.example": ("ENVOI_ERR_CERT_EXPIRED", "the server's certificate has expired"),
                    "early.example": ("ENVOI_ERR_CERT_NOT_YET_VALID", "the server's certificate is not valid yet"),
                    "wronghost.example": ("ENVOI_ERR_CERT_WRONG_HOST",
                                          "the server's certificate is for another domain"),
                    "selfsigned.example": ("ENVOI_ERR_CERT_SELF_SIGNED",
                                           "the server's certificate is self-signed and not trusted"),
                    "untrusted.example": ("ENVOI_ERR_CERT_UNTRUSTED",
                                          "the server's certificate is from an issuer that is not trusted")}
        self.assertEqual(set(expected), set(REFUSED))
        for domain, (name, text) in expected.items():
            for flags in ((), ("--direct",)):
                port = self.server.direct_port if flags else self.server.port
                with self.subTest(domain=domain, flags=flags):
                    error, sentence, _ = self.refusal(f"{USER}@{domain}", *flags, host=f"127.0.0.1:{port}")
                    self.assertEqual((error, sentence), (name, text))

    def test_missing_trust_file_is_told(self):
        with harness.Client("juliet@capulet.example", "--ca", "/nonexistent/ca.crt") as client:
            client.wait_for("^failed ca ENVOI_ERR_TRUST_STORE$")

    def test_credentials_are_not_seen_in_the_clear(self):
        for jid, mechanism in (("juliet@capulet.example", "SCRAM-SHA-256"), ("juliet@expired.example", None)):
            with self.subTest(jid=jid):
                relay = Relay(self.server.port)
                client = self.client(jid, host=f"127.0.0.1:{relay.port}")
                if mechanism:
                    client.ready()
                    client.say("close")
                client.closed()
                relay.close()
                self.assertIn(b"<starttls", relay.sent)
                self.assertEqual([secret for secret in credentials() if secret in relay.sent], [])
                # the relay sees the ciphertext too; what is in the clear ends with <starttls/>
                self.assertIn(b"\x16\x03", relay.sent.split(b"<starttls")[1])

    def test_server_shutdown_is_told(self):
        with tempfile.TemporaryDirectory(prefix="envoi-") as folder, Server(pathlib.Path(folder) / "s") as server:
            server.start()
            with harness.Client("juliet@capulet.example", "--ca", server.ca, "--host",
                                f"127.0.0.1:{server.port}") as client:
                client.ready()
                server.stop()
                error, line = client.closed()
                # Prosody 0.12 often ends TLS before its own stream error has gone out
                self.assertIn(error, ("ENVOI_ERR_SYSTEM_SHUTDOWN", "ENVOI_ERR_EOF", "ENVOI_ERR_TLS_TRUNCATED"))
                self.assertIn(" retry=1 ", line)

    def test_killed_server_is_told(self):
        with tempfile.TemporaryDirectory(prefix="envoi-") as folder, Server(pathlib.Path(folder) / "s") as server:
            server.start()
            with harness.Client("juliet@capulet.example", "--ca", server.ca, "--host",
                                f"127.0.0.1:{server.port}") as client:
                client.ready()
                server.kill()
                error, line = client.closed()
                self.assertIn(error, ("ENVOI_ERR_TLS_TRUNCATED", "ENVOI_ERR_RESET"))
                self.assertIn(" retry=1 ", line)


class Finding(harness.ServerCase):
    """By DNS, with records of our own."""

    def log_in(self, records, *flags, jid="juliet@capulet.example"):
        names = NameServer(records)
        self.addCleanup(names.close)
        with harness.Client(jid, "--ca", self.server.ca, "--nameserver", names.address, *flags) as client:
            client.ready()
            client.say("close")
            self.assertEqual(client.closed()[0], "ENVOI_OK")

    def closed(self, client):
        self.addCleanup(client.__exit__)
        return client.closed()

    def look_up(self, records, rcode=None):
        names = NameServer(records, rcode)
        self.addCleanup(names.close)
        error, line = self.closed(harness.Client("juliet@capulet.example", "--ca", self.server.ca, "--nameserver",
                                                 names.address))
        return error, line.split(" | ")[1], names

    def service(self, *targets, kind="_xmpp-client._tcp"):
        return {(f"{kind}.capulet.example", "SRV"): [NameServer.target(*target) for target in targets],
                ("host.isp.example", "A"): [NameServer.address_of("127.0.0.1")]}

    def dead_port(self):
        """A port where nobody listens; bound, so that nobody will."""
        holder = socket.socket()
        self.addCleanup(holder.close)
        holder.bind(("127.0.0.1", 0))
        return holder.getsockname()[1]

    def test_server_is_found_by_srv(self):
        # the certificate must be for the account's domain, and is not for host.isp.example
        self.log_in(self.service((5, 0, self.server.port, "host.isp.example")))

    def test_direct_tls_server_is_found_by_srv(self):
        self.log_in(self.service((5, 0, self.server.direct_port, "host.isp.example"), kind="_xmpps-client._tcp"),
                    "--direct")

    def test_next_target_is_tried(self):
        self.log_in(self.service((1, 0, self.dead_port(), "host.isp.example"),
                                 (2, 0, 5222, "absent.isp.example"),
                                 (3, 0, self.server.port, "host.isp.example")))

    def test_no_such_host_is_told(self):
        error, sentence, names = self.look_up({})
        self.assertEqual((error, sentence),
                         ("ENVOI_ERR_HOST_NOT_FOUND", "there is no such host"))
        self.assertIn(("_xmpp-client._tcp.capulet.example", 33), names.asked)

    def test_domain_that_offers_no_xmpp_is_told(self):
        error, _, names = self.look_up(self.service((0, 0, 0, ".")))
        self.assertEqual(error, "ENVOI_ERR_SERVICE_NOT_OFFERED")
        self.assertNotIn(("capulet.example", 1), names.asked)

    def test_failing_name_server_is_told(self):
        error, _, names = self.look_up({}, rcode=2)
        self.assertEqual(error, "ENVOI_ERR_DNS")
        self.assertNotIn(("capulet.example", 1), names.asked) # a failure is no proof that there is no SRV record

    def test_refused_connection_is_told(self):
        error, sentence, _ = self.look_up(self.service((0, 0, self.dead_port(), "host.isp.example")))
        self.assertEqual((error, sentence), ("ENVOI_ERR_REFUSED", "the server refused the connection"))


class Guard(unittest.TestCase):
    """Scripted servers that would like to have the password."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="envoi-")
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        cls.authority = Authority(folder / "ca", "Authority of one test run")
        stranger = Authority(folder / "stranger", "Authority that nobody trusts")
        sign = cls.authority.sign
        cls.certificates = {
            "ENVOI_ERR_CERT_EXPIRED": sign("expired", DOMAIN, [DOMAIN], from_day=-30, to_day=-1),
            "ENVOI_ERR_CERT_NOT_YET_VALID": sign("early", DOMAIN, [DOMAIN], from_day=1),
            "ENVOI_ERR_CERT_WRONG_HOST": sign("wronghost", DOMAIN, ["elsewhere.example"]),
            "ENVOI_ERR_CERT_SELF_SIGNED": sign("selfsigned", DOMAIN, [DOMAIN], self_signed=True),
            "ENVOI_ERR_CERT_UNTRUSTED": stranger.sign("untrusted", DOMAIN, [DOMAIN]),
        }
        cls.good = sign("good", DOMAIN, [DOMAIN])

    def against(self, script, certificate=None, *flags):
        """Run a login against a script. Returns the error and the connection; nothing secret may have been seen."""
        peer = Peer(script, DOMAIN, certificate or self.good)
        with harness.Client(f"{USER}@{DOMAIN}", "--ca", self.authority.certificate, "--host",
                            f"127.0.0.1:{peer.port}", *flags) as client:
            error = client.closed()[0]
        peer.close()
        self.assertEqual(len(peer.connections), 1)
        connection = peer.connections[0]
        self.assertTrue(connection.clear or flags)
        self.assertEqual([secret for secret in credentials() if secret in connection.clear], [])
        self.assertNotIn(b"<auth", connection.clear)
        return error, connection

    def test_nothing_is_said_behind_a_bad_certificate(self):
        def script(connection):
            if "--direct" not in flags:
                connection.header()
                connection.send(FEATURES_TLS)
                connection.read_until(r"<starttls [^>]*/>")
                connection.send(PROCEED)
            connection.start_tls()
            connection.read_until("never said")

        for error, certificate in self.certificates.items():
            for flags in ((), ("--direct",)):
                with self.subTest(error=error, flags=flags):
                    met, connection = self.against(script, certificate, *flags)
                    self.assertEqual(met, error)
                    self.assertEqual(connection.inside, b"")

    def test_mechanisms_without_tls_are_not_taken(self):
        def script(connection):
            connection.header()
            connection.send(FEATURES_SASL)
            connection.read_until("never said")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_TLS_REQUIRED")

    def test_mechanisms_beside_starttls_are_not_taken_first(self):
        def script(connection):
            connection.header()
            connection.send(FEATURES_TLS.replace("</stream:features>", "")
                            + FEATURES_SASL.replace("<stream:features>", ""))
            connection.read_until(r"<starttls [^>]*/>")
            connection.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")
            connection.read_until("never said")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_TLS_REFUSED")

    def test_bytes_behind_proceed_close_the_stream(self):
        def script(connection):
            connection.header()
            connection.send(FEATURES_TLS)
            connection.read_until(r"<starttls [^>]*/>")
            connection.send(PROCEED + STREAM.format(domain=DOMAIN, id="1") + FEATURES_SASL)
            connection.read_until("never said")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_TLS_INJECTION")

    def test_server_that_does_not_know_the_password_is_refused(self):
        error, _ = self.against(lambda connection: connection.whole_session("another password"))
        self.assertEqual(error, "ENVOI_ERR_AUTH_SERVER_UNVERIFIED")

    def test_peer_that_goes_on_in_the_clear_is_told(self):
        def script(connection):
            connection.header()
            connection.send(FEATURES_TLS)
            connection.read_until(r"<starttls [^>]*/>")
            connection.send(PROCEED)
            connection.sock.recv(65536)
            connection.send(STREAM.format(domain=DOMAIN, id="1") + FEATURES_SASL)
            connection.read_until("never said")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_TLS_INJECTION")

    def test_peer_without_a_common_version_is_told(self):
        def script(connection):
            connection.header()
            connection.send(FEATURES_TLS)
            connection.read_until(r"<starttls [^>]*/>")
            connection.send(PROCEED)
            connection.sock.recv(65536)
            connection.sock.sendall(b"\x15\x03\x03\x00\x02\x02\x46") # the fatal alert protocol_version
            connection.read_until("never said")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_TLS_HANDSHAKE")

    def test_shutdown_of_the_server_is_told(self):
        def script(connection):
            connection.cut_at = "session"
            try:
                connection.whole_session(PASSWORD)
            except Gone:
                connection.send("<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                                "</stream:error></stream:stream>")

        self.assertEqual(self.against(script)[0], "ENVOI_ERR_SYSTEM_SHUTDOWN")


if __name__ == "__main__":
    harness.main()
