# SPDX-License-Identifier: MIT
"""The main job against Prosody: log in, talk, ask, publish, follow."""
import harness
from server import PUBSUB

ENTRY = "<entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title><id>tag:capulet.example,2026:{}</id></entry>"


class Login(harness.ServerCase):
    def assert_login(self, client, version, mechanism, binding):
        client.wait_for(rf"^secured {version} ")
        client.wait_for(rf"^authenticated {mechanism} {binding}$")
        client.ready()
        client.say("close")
        self.assertEqual(client.closed()[0], "ENVOI_OK")

    def test_starttls_with_tls13_logs_in_by_scram(self):
        self.assert_login(self.client("juliet@capulet.example"), "TLS1.3", "SCRAM-SHA-256", "none")

    def test_starttls_with_tls12_is_bound_to_the_channel(self):
        self.assert_login(self.client("romeo@montague.example"), "TLS1.2", "SCRAM-SHA-256-PLUS", "tls-unique")

    def test_required_binding_logs_in_where_it_is_offered(self):
        self.assert_login(self.client("romeo@montague.example", "--bound"), "TLS1.2", "SCRAM-SHA-256-PLUS",
                          "tls-unique")

    def test_required_binding_refuses_a_server_without_it(self):
        client = self.client("juliet@capulet.example", "--bound")
        self.assertEqual(client.closed()[0], "ENVOI_ERR_AUTH_CHANNEL_BINDING")

    def test_direct_tls_logs_in(self):
        host = f"127.0.0.1:{self.server.direct_port}"
        self.assert_login(self.client("juliet@capulet.example", "--direct", host=host), "TLS1.3", "SCRAM-SHA-256",
                          "none")

    def test_hashed_passwords_leave_sha1(self):
        self.assert_login(self.client("friar@hashed.example"), "TLS1.3", "SCRAM-SHA-1", "none")

    def test_wished_resource_is_bound(self):
        self.assertEqual(self.client("juliet@capulet.example/balcony").ready(), "juliet@capulet.example/balcony")

    def test_second_session_of_a_resource_ends_the_first(self):
        first = self.logged_in("nurse@capulet.example/chamber")
        self.logged_in("nurse@capulet.example/chamber")
        error, line = first.closed()
        self.assertEqual(error, "ENVOI_ERR_CONFLICT")
        self.assertIn("retry=0", line)


class Talk(harness.ServerCase):
    def setUp(self):
        self.juliet = self.logged_in("juliet@capulet.example")
        self.romeo = self.logged_in("romeo@montague.example")

    def test_messages_go_both_ways(self):
        self.juliet.say(f"message {self.romeo.jid} Wherefore art thou?")
        self.assertEqual(self.romeo.receive("^message").string, f"message {self.juliet.jid} Wherefore art thou?")
        self.romeo.say(f"message {self.juliet.jid} \N{ROSE} & <neither> \N{GREEK SMALL LETTER PI}, fair saint")
        self.assertEqual(self.juliet.receive("^message").string,
                         f"message {self.romeo.jid} \N{ROSE} & <neither> \N{GREEK SMALL LETTER PI}, fair saint")

    def test_many_messages_keep_their_order(self):
        for number in range(200):
            self.juliet.say(f"message {self.romeo.jid} number {number}")
        for number in range(200):
            self.assertTrue(self.romeo.receive("^message").string.endswith(f" number {number}"))

    def test_ping_is_answered(self):
        self.juliet.must("ping capulet.example")
        self.juliet.must("ping")

    def test_unknown_request_is_answered_service_unavailable(self):
        # a ping is unknown to the client on the other side, which still must answer (RFC 6120 8.4)
        reply = self.juliet.ask(f"ping {self.romeo.jid}")
        self.assertIn("ENVOI_ERR_STANZA_ERROR condition=service-unavailable", reply[-1])

    def test_message_to_nobody_comes_back(self):
        reply = self.juliet.ask("ping nobody@capulet.example/nowhere")
        self.assertIn("ENVOI_ERR_STANZA_ERROR", reply[-1])

    def test_disco_shows_what_the_server_is(self):
        self.assertIn("identity server im", self.juliet.must("info capulet.example"))
        self.assertIn(f"disco-item {PUBSUB} none", self.juliet.must("items capulet.example"))
        info = self.juliet.must(f"info {PUBSUB}")
        self.assertIn("identity pubsub service", info)
        self.assertIn("feature http://jabber.org/protocol/pubsub#publish", info)


class Publish(harness.ServerCase):
    def setUp(self):
        self.juliet = self.logged_in("juliet@capulet.example", "--service", PUBSUB)
        self.romeo = self.logged_in("romeo@montague.example", "--service", PUBSUB)
        self.node = self._testMethodName
        self.juliet.must(f"create {PUBSUB} {self.node}")

    def publish(self, *items):
        for item in items:
            reply = self.juliet.must(f"publish {PUBSUB} {self.node} {item} {ENTRY.format(item, item)}")
            self.assertIn(f"published {item}", reply)

    def subscribe(self):
        reply = self.romeo.must(f"subscribe {PUBSUB} {self.node} romeo@montague.example")
        self.assertEqual(reply, [f"subscription {self.node} romeo@montague.example subscribed"])
        self.appear(self.romeo)

    def appear(self, client):
        """Be available. The answer behind it shows that the server has taken it."""
        client.say("presence")
        client.must("ping")

    def items(self, client, command):
        return [line.split()[2] for line in client.must(command) if line.startswith("item ")]

    def test_creating_twice_is_a_conflict(self):
        self.assertIn("condition=conflict", self.juliet.ask(f"create {PUBSUB} {self.node}")[-1])

    def test_node_shows_in_disco(self):
        self.assertIn(f"disco-item {PUBSUB} {self.node}", self.romeo.must(f"items {PUBSUB}"))
        self.assertIn("identity pubsub leaf", self.romeo.must(f"info {PUBSUB} {self.node}"))

    def test_configuration_is_read_and_written(self):
        self.juliet.must(f"configure {PUBSUB} {self.node} pubsub#title Verona")
        self.assertIn("option pubsub#title Verona", self.juliet.must(f"configuration {PUBSUB} {self.node}"))
        self.assertIn("condition=forbidden", self.romeo.ask(f"configuration {PUBSUB} {self.node}")[-1])

    def test_published_entries_notify_subscribers(self):
        self.subscribe()
        self.publish("one", "two")
        for item in ("one", "two"):
            self.romeo.receive(rf"^event-item {self.node} {item} by juliet@capulet.example")
            self.assertIn(f"<title>{item}</title>", self.romeo.receive("^event-payload").string)

    def test_items_are_read_back(self):
        self.publish("one", "two", "three")
        self.assertEqual(set(self.items(self.romeo, f"get {PUBSUB} {self.node}")), {"one", "two", "three"})
        self.assertEqual(self.items(self.romeo, f"newest {PUBSUB} {self.node} 1"), ["three"])
        reply = self.romeo.must(f"get {PUBSUB} {self.node} two")
        self.assertEqual(reply[1], f"payload {ENTRY.format('two', 'two')}")
        self.assertIn("condition=item-not-found", self.romeo.ask(f"get {PUBSUB} absent")[-1])

    def test_uri_names_the_same_item(self):
        self.publish("one", "two")
        direct = self.romeo.must(f"get {PUBSUB} {self.node} two")
        self.assertEqual(self.romeo.must(f"resolve xmpp:{PUBSUB}?;node={self.node};item=two"), direct)
        self.assertEqual(self.items(self.romeo, f"resolve xmpp:{PUBSUB}?;node={self.node};item=one"), ["one"])
        self.assertEqual(len(self.items(self.romeo, f"resolve xmpp:{PUBSUB}?;node={self.node}")), 2)

    def test_retract_purge_and_delete_notify(self):
        self.subscribe()
        self.publish("one", "two")
        self.juliet.must(f"retract {PUBSUB} {self.node} one")
        self.romeo.receive(rf"^event-retract {self.node} one$")
        self.assertEqual(self.items(self.romeo, f"get {PUBSUB} {self.node}"), ["two"])
        self.juliet.must(f"purge {PUBSUB} {self.node}")
        self.romeo.receive(rf"^event-purge {self.node}$")
        self.juliet.must(f"delete {PUBSUB} {self.node}")
        self.romeo.receive(rf"^event-delete {self.node}$")
        self.assertIn("condition=item-not-found", self.romeo.ask(f"get {PUBSUB} {self.node}")[-1])

    def test_subscriptions_and_affiliations_are_told(self):
        # Prosody 0.12 gives no answer to one who was subscribed to a node that is gone, so this is the nurse's
        nurse = self.logged_in("nurse@capulet.example")
        line = f"subscription {self.node} nurse@capulet.example subscribed"
        self.assertEqual(nurse.must(f"subscribe {PUBSUB} {self.node} nurse@capulet.example"), [line])
        self.assertEqual(nurse.must(f"subscriptions {PUBSUB}"), [line])
        self.assertIn(f"affiliation {self.node} juliet@capulet.example owner",
                      self.juliet.must(f"node-affiliations {PUBSUB} {self.node}"))
        nurse.must(f"unsubscribe {PUBSUB} {self.node} nurse@capulet.example")
        self.assertEqual(nurse.must(f"subscriptions {PUBSUB}"), [])

    def test_strangers_may_not_publish(self):
        reply = self.romeo.ask(f"publish {PUBSUB} {self.node} mine {ENTRY.format('mine', 'mine')}")
        self.assertIn("condition=forbidden", reply[-1])

    def test_event_of_another_sender_is_refused(self):
        # one's own account may send whatever it likes; it is not the service
        forged = self.logged_in("romeo@montague.example", "--service", "pubsub.elsewhere.example")
        self.subscribe()
        self.appear(forged)
        self.publish("one")
        self.assertEqual(forged.receive("^forged").string, f"forged {PUBSUB}")


if __name__ == "__main__":
    harness.main()
