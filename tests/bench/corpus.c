/* SPDX-License-Identifier: MIT */
/* corpus KIND BYTES FILE: a stream as a server sends it to a client, the same one every time.
 *
 * mixed:  60 % short chat messages (every second one with a chat state), 15 % presence with capabilities,
 *         10 % publish-subscribe events with 1 to 4 KB of Atom, 10 % forwarded messages of an archive,
 *         5 % rosters of 50 contacts
 * short:  chat messages with a body alone
 * large:  publish-subscribe events of 64 KB
 * script: messages in many scripts */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;
static uint64_t state = 20240229; /* the seed */

/* splitmix64, by Sebastiano Vigna, in the public domain */
static uint64_t number(uint64_t below)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

#define PICK(list) list[number(sizeof(list) / sizeof((list)[0]))]

static const char *const names[] = {"romeo",    "juliet",    "mercutio", "benvolio", "tybalt",  "nurse",  "paris",
                                    "rosalind", "francisco", "horatio",  "ophelia",  "laertes", "yorick", "gertrude"};
static const char *const hosts[] = {"montague.example", "capulet.example", "denmark.example", "shakespeare.example"};
static const char *const words[] = {"the",   "and",  "but",   "thou",  "art",     "love",    "night",  "what",
                                    "light", "soft", "sweet", "name",  "window",  "through", "yonder", "breaks",
                                    "it is", "east", "sun",   "arise", "envious", "moon",    "grief",  "servant",
                                    "a",     "of",   "to",    "in",    "with",    "is",      "not",    "I'll"};
static const char *const scripts[] = {"Привет, как дела?",
                                      "встретимся завтра у реки",
                                      "你好,今天晚上见",
                                      "明日の会議は十時からです",
                                      "안녕하세요 반갑습니다",
                                      "Καλημέρα σας",
                                      "مرحبا بالجميع",
                                      "नमस्ते दुनिया",
                                      "Grüße aus München",
                                      "ça marche très bien",
                                      "😀🎉",
                                      "до свидания",
                                      "ขอบคุณมาก",
                                      "שלום לכולם"};
static const char *const states[] = {"active", "composing", "paused", "inactive", "gone"};

static void hex(int digits)
{
    while (digits--)
        fputc("0123456789abcdef"[number(16)], out);
}

/* Text as people write it, escaped: here and there an ampersand, an apostrophe, a link. */
static void text(size_t bytes)
{
    size_t written = 0;
    while (written < bytes) {
        const char *word = PICK(words);
        uint64_t what = number(60);
        if (what == 0)
            word = "Tom &amp; I";
        else if (what == 1)
            word = "that&apos;s";
        else if (what == 2)
            word = "https://shakespeare.example/act?scene=2";
        written += strlen(word) + 1;
        fprintf(out, "%s ", word);
    }
    fputs("end.", out);
}

static void scripted(size_t bytes)
{
    size_t written = 0;
    while (written < bytes) {
        const char *word = PICK(scripts);
        written += strlen(word) + 1;
        fprintf(out, "%s ", word);
    }
}

static void address(int with_resource)
{
    fprintf(out, "%s%d@%s", PICK(names), (int)number(40), PICK(hosts));
    if (with_resource) {
        fputs("/phone.", out);
        hex(6);
    }
}

static void begin(const char *name, const char *type)
{
    fprintf(out, "<%s from='", name);
    address(1);
    fputs("' to='juliet@capulet.example/balcony'", out);
    if (type)
        fprintf(out, " type='%s' id='", type);
    else
        fputs(" id='", out);
    hex(12);
    fputc('\'', out);
}

static void chat(int with_state)
{
    begin("message", "chat");
    fputs("><body>", out);
    text(10 + number(80));
    fputs("</body>", out);
    if (with_state)
        fprintf(out, "<%s xmlns='http://jabber.org/protocol/chatstates'/>", PICK(states));
    fputs("</message>", out);
}

static void presence(void)
{
    static const char *const shows[] = {"away", "dnd", "xa", "chat"};
    begin("presence", NULL);
    fprintf(out, "><show>%s</show><status>", PICK(shows));
    text(20);
    fputs("</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
          "node='https://client.example' ver='",
          out);
    hex(27);
    fputs("='/><x xmlns='vcard-temp:x:update'><photo>", out);
    hex(40);
    fputs("</photo></x></presence>", out);
}

static void entry(size_t bytes)
{
    fputs("<entry xmlns='http://www.w3.org/2005/Atom'><title>", out);
    text(30);
    fputs("</title><author><name>", out);
    address(0);
    fputs("</name></author><summary>", out);
    text(bytes / 4);
    fputs("</summary><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>", out);
    text(bytes - bytes / 4);
    fputs(
        "</p></div></content><link rel='alternate' type='text/html' href='http://denmark.example/2003/12/13/atom03'/>"
        "<id>tag:denmark.example,2003:entry-",
        out);
    hex(8);
    fputs("</id><published>2003-12-13T18:30:02Z</published><updated>2003-12-13T18:30:02Z</updated></entry>", out);
}

static void event(size_t bytes)
{
    begin("message", "headline");
    fputs("><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='princely_musings'><item id='", out);
    hex(32);
    fputs("'>", out);
    entry(bytes);
    fputs("</item></items></event></message>", out);
}

static void archived(void)
{
    fputs("<message to='juliet@capulet.example/balcony' from='juliet@capulet.example'><result xmlns='urn:xmpp:mam:2' "
          "queryid='f27' id='",
          out);
    hex(16);
    fprintf(out,
            "'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:%02dZ'/>"
            "<message xmlns='jabber:client' to='juliet@capulet.example' from='",
            (int)number(60));
    address(1);
    fputs("' type='chat' id='", out);
    hex(12);
    fputs("'><body>", out);
    text(40 + number(160));
    fputs("</body><origin-id xmlns='urn:xmpp:sid:0' id='", out);
    hex(12);
    fputs("'/></message></forwarded></result></message>", out);
}

static void roster(void)
{
    static const char *const subscriptions[] = {"both", "to", "from", "none"};
    static const char *const groups[] = {"Friends", "Family", "Verona", "Work"};
    fputs("<iq to='juliet@capulet.example/balcony' type='result' id='", out);
    hex(12);
    fputs("'><query xmlns='jabber:iq:roster' ver='ver14'>", out);
    for (int i = 0; i < 50; i++) {
        fputs("<item jid='", out);
        address(0);
        fprintf(out, "' name='%s' subscription='%s'><group>%s</group></item>", PICK(names), PICK(subscriptions),
                PICK(groups));
    }
    fputs("</query></iq>", out);
}

static void script(void)
{
    begin("message", "chat");
    fputs("><body>", out);
    scripted(40 + number(400));
    fputs("</body></message>", out);
}

static void one(const char *kind)
{
    uint64_t what = number(100);
    if (!strcmp(kind, "short"))
        chat(0);
    else if (!strcmp(kind, "large"))
        event(63 * 1024);
    else if (!strcmp(kind, "script"))
        script();
    else if (what < 60)
        chat((int)number(2));
    else if (what < 75)
        presence();
    else if (what < 85)
        event(600 + number(2800));
    else if (what < 95)
        archived();
    else
        roster();
}

int main(int argc, char **argv)
{
    if (argc != 4 || !(out = fopen(argv[3], "wb")))
        return 2;
    long bytes = atol(argv[2]);
    fputs("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "from='capulet.example' id='t7AMCin9zjMNwQKDnplntZPIDEI=' version='1.0' xml:lang='en'>",
          out);
    while (ftell(out) < bytes)
        one(argv[1]);
    fputs("</stream:stream>", out);
    return fclose(out) ? 1 : 0;
}
