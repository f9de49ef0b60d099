# SPDX-License-Identifier: MIT
"""Every example does its work against Prosody."""
import os
import pathlib
import re
import sys
import unittest

import harness
from server import PASSWORD, PUBSUB

EXAMPLES = pathlib.Path(os.environ["ENVOI_EXAMPLES"])
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "examples"
LIBRARY = os.environ.get("ENVOI_LIBRARY")
CARRY = pathlib.Path(__file__).resolve().parent / "carry.py"


class Examples(harness.ServerCase):
    def start(self, *command, jid="juliet@capulet.example", **environment):
        """An example with an account in its environment."""
        program = harness.Program(*command, merge=True, environment={
            "XMPP_JID": jid, "XMPP_PASSWORD": PASSWORD, "XMPP_HOST": f"127.0.0.1:{self.server.port}",
            "XMPP_CA": str(self.server.ca), **environment})
        self.addCleanup(program.__exit__)
        return program

    def run_through(self, *command, text="", status=0, **options):
        """Run an example to its end. Returns the lines that it wrote."""
        program = self.start(*command, **options)
        program.process.stdin.write(text)
        self.assertEqual(program.finish(), status, program.transcript())
        self.assertNotIn(PASSWORD, program.transcript())
        return program.lines.all

    def assert_echo(self, bot):
        """Ask until the bot is there: before, the server says that nobody is."""
        romeo = self.logged_in("romeo@montague.example")
        answer = "stanza"
        while answer.startswith("stanza"):
            self.assertIsNone(bot.process.poll(), bot.transcript())
            romeo.say("message juliet@capulet.example/bot But soft! \N{CRESCENT MOON} & <light>")
            answer = romeo.receive("^(message|stanza)").string
        self.assertEqual(answer, "message juliet@capulet.example/bot But soft! \N{CRESCENT MOON} & <light>")

    def test_echo_bot_in_c_answers(self):
        self.assert_echo(self.start(EXAMPLES / "echo_bot", jid="juliet@capulet.example/bot"))

    def test_lasting_bot_comes_back_after_the_server(self):
        bot = self.start(EXAMPLES / "lasting_bot", jid="juliet@capulet.example/bot", XMPP_RETRY_MS="20")
        self.assert_echo(bot)
        for leave in (self.server.stop, self.server.kill):
            leave()
            bot.wait_for("^closed: ")
            self.server.restart()
            bot.wait_for("^logged in as juliet@capulet.example/bot$")
            self.assert_echo(bot)

    @unittest.skipUnless(LIBRARY, "needs the shared library, without sanitizers")
    def test_echo_bot_in_python_answers(self):
        self.assert_echo(self.start(sys.executable, SOURCES / "python/echo_bot.py", jid="juliet@capulet.example/bot",
                                    ENVOI_LIBRARY=LIBRARY))

    def test_echo_bot_tells_a_wrong_password(self):
        lines = self.run_through(EXAMPLES / "echo_bot", status=1, XMPP_PASSWORD="wrong")
        self.assertRegex(lines[0], "^the server rejected the user name or password ")

    def test_published_text_is_watched_read_back_and_named_by_its_uri(self):
        node = f"xmpp:{PUBSUB}?;node=examples"
        self.run_through(EXAMPLES / "pubsub_publish", "--create", "--id", "first", node, text="The prologue\n")
        watch = self.start(EXAMPLES / "pubsub_watch", "--count", "1", node, jid="romeo@montague.example")
        watch.wait_for("^item first published by juliet@capulet.example")
        lines = self.run_through(EXAMPLES / "pubsub_publish", node, text="Two households, both alike in dignity\n")
        uri = lines[-1]
        self.assertRegex(uri, rf"^xmpp:{re.escape(PUBSUB)}\?;node=examples;item=\S+$")
        self.assertIn("pubsub_publish: authenticated by SCRAM-SHA-256", lines[1])
        item = uri.split("item=")[1]
        watch.wait_for("^new item .* published by juliet@capulet.example")
        watch.wait_for(r"^  title +Two households, both alike in dignity$")
        self.assertEqual(watch.finish(), 0, watch.transcript())
        self.assertIn("SCRAM-SHA-256-PLUS, bound to the channel by tls-unique", watch.transcript())
        self.assertIn("pubsub_watch: unsubscribed", watch.lines.all)
        once = self.run_through(EXAMPLES / "pubsub_watch", "--once", uri, jid="nurse@capulet.example")
        shown = [line for line in once if not line.startswith("pubsub_watch:")]
        self.assertTrue(shown[0].startswith("item "), once)
        self.assertEqual([line for line in shown if line.startswith("item ")], shown[:1])
        self.assertRegex(shown[1], r"^  title +Two households, both alike in dignity$")
        self.assertTrue(item)

    def test_atom_feed_is_published_entry_by_entry(self):
        feed = pathlib.Path(self.folder.name) / "feed.atom"
        feed.write_text("<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>"
                        + "".join(f"<entry><id>tag:capulet.example,2026:{n}</id><title>Scene {n}</title></entry>"
                                  for n in range(3)) + "</feed>")
        node = f"xmpp:{PUBSUB}?;node=feed"
        lines = self.run_through(EXAMPLES / "pubsub_publish", "--create", "--atom", feed, node)
        self.assertEqual(len([line for line in lines if line.startswith("xmpp:")]), 3)
        shown = self.run_through(EXAMPLES / "pubsub_watch", "--once", node, jid="romeo@montague.example")
        self.assertEqual({line.split("title")[1].strip() for line in shown if line.startswith("  title")},
                         {"Scene 0", "Scene 1", "Scene 2"})

    def test_own_account_is_published_to_by_pep(self):
        lines = self.run_through(EXAMPLES / "pubsub_publish", "--node", "urn:example:mood", text="merry\n")
        self.assertTrue(lines[-1].startswith("xmpp:juliet@capulet.example?;node=urn%3Aexample%3Amood;item="), lines)
        shown = self.run_through(EXAMPLES / "pubsub_watch", "--once", lines[-1])
        self.assertRegex("\n".join(shown), r"  title +merry")

    def test_pipe_transport_pings_and_sends(self):
        command = (sys.executable, CARRY, "127.0.0.1", self.server.port)
        self.assertIn("the server answered the ping",
                      self.run_through(EXAMPLES / "pipe_transport", "--", *command))
        romeo = self.logged_in("romeo@montague.example")
        self.run_through(EXAMPLES / "pipe_transport", "--to", romeo.jid, "--body", "through a pipe", "--", *command)
        self.assertRegex(romeo.receive("^message").string, r"^message juliet@capulet\.example/\S+ through a pipe$")

    def test_poll_loop_lets_two_accounts_talk(self):
        lines = self.run_through(EXAMPLES / "poll_loop", "--jid2", "romeo@montague.example", XMPP_PASSWORD2=PASSWORD)
        heard = [line for line in lines if " hears from " in line]
        self.assertEqual(len(heard), 2, lines)
        self.assertEqual({line.split("/")[0] for line in heard}, {"juliet@capulet.example", "romeo@montague.example"})

    def test_failures_are_explained_in_a_sentence(self):
        node = f"xmpp:{PUBSUB}?;node=absent"
        cases = (({"XMPP_PASSWORD": "wrong"}, "cannot log in: the server rejected the user name or password"),
                 ({"jid": "juliet@expired.example"}, "cannot log in: the server's certificate has expired"),
                 ({"jid": "juliet@wronghost.example"}, "cannot log in: the server's certificate is for another domain"),
                 ({"jid": "juliet@selfsigned.example"},
                  "cannot log in: the server's certificate is self-signed and not trusted"),
                 ({"jid": "juliet@untrusted.example"},
                  "cannot log in: the server's certificate is from an issuer that is not trusted"),
                 ({"jid": "juliet@unknown.example"}, "cannot log in: the server does not serve this domain"),
                 ({}, "item-not-found"))
        for options, sentence in cases:
            with self.subTest(**options):
                lines = self.run_through(EXAMPLES / "pubsub_watch", "--once", node, status=1, **options)
                self.assertIn(sentence, lines[-1])


if __name__ == "__main__":
    harness.main()
