/* SPDX-License-Identifier: MIT */
/* Publishes standard input, or the entries of an Atom file, to a node (XEP-0060 7.1). */
#include "common/atom.h"
#include "common/print.h"
#include "common/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPTIONS_MAX = 16 };

static struct {
    struct account account;
    const char *service, *node, *title, *id, *atom, *timeout;
    const char *options[OPTIONS_MAX];
    int create;
} given;

static const struct option options[] = {
    ACCOUNT_OPTIONS(given.account),
    HOST_OPTION(given.account),
    {"--service", "JID", "the publish-subscribe service; else your own account (PEP)", &given.service, NULL, 0},
    {"--node", "NODE", "the node to publish to", &given.node, NULL, 0},
    {"--create", NULL, "make the node first, open to all, unless it is there", NULL, &given.create, 0},
    {"--option", "NAME=VALUE", "publish only if the node is configured so, such as access_model=open", given.options,
     NULL, OPTIONS_MAX},
    {"--title", "TEXT", "title of the entry; else its first line", &given.title, NULL, 0},
    {"--id", "ID", "ItemID; an item that has it is replaced", &given.id, NULL, 0},
    {"--atom", "FILE", "publish this Atom entry, or all entries of this feed, instead of standard input", &given.atom,
     NULL, 0},
    {"--timeout", "SECONDS", "give up after this long", &given.timeout, NULL, 0},
};

static const struct program program = {
    .name = "pubsub_publish",
    .usage = "[OPTION]... [xmpp:SERVICE?;node=NODE]",
    .about = "Publishes the text on standard input as an Atom entry, and prints the URI of the new item.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

/* One entry to publish. */
struct post {
    envoi_stanza *entry;
    const char *id; /* NULL: the service makes one */
};

static struct {
    struct post *posts;
    size_t count;
    char *text;          /* of standard input; NULL with --atom */
    char made_id[64];    /* for an entry made of it */
    envoi_uri *uri;      /* where to: as it was given */
    envoi_jid *service;  /* where to: for URIs, and NULL in requests if it is the own account */
    const char *address; /* of the service, in requests */
    envoi_form *options; /* NULL: none */
} work;

/* ---- where to ---- */

static int take_uri(const char *text)
{
    int error = envoi_uri_parse(&work.uri, text, ENVOI_URI_LENIENT);
    if (error)
        return explain(&program, "cannot read the URI", error, text);
    if (given.service || given.node)
        return options_complain(&program, "give either a URI or --service and --node", NULL);
    if (!envoi_uri_jid(work.uri))
        return options_complain(&program, "the URI names no service:", text);
    given.service = envoi_jid_full(envoi_uri_jid(work.uri));
    given.node = envoi_uri_node(work.uri);
    if (!given.id)
        given.id = envoi_uri_item(work.uri);
    return GO_ON;
}

/* After the account is known: an own account as the service is addressed by leaving `to` out. */
static int find_service(const char *own)
{
    const char *service = given.service ? given.service : own;
    int error = envoi_jid_parse(&work.service, service);
    if (error)
        return explain(&program, "cannot use the service", error, service);
    work.address = strcmp(envoi_jid_full(work.service), own) == 0 ? NULL : envoi_jid_full(work.service);
    return GO_ON;
}

/* NAME=VALUE into a form; names without '#' are of PubSub itself (XEP-0060 16.4.5). */
static int add_option(const char *option)
{
    char name[128];
    const char *equals = strchr(option, '=');
    int len = equals ? (int)(equals - option) : 0;
    if (!len || len > 100)
        return options_complain(&program, "this is not NAME=VALUE:", option);
    snprintf(name, sizeof name, "%s%.*s", memchr(option, '#', (size_t)len) ? "" : "pubsub#", len, option);
    int error = envoi_form_set_value(work.options, name, equals + 1);
    return error ? explain(&program, "cannot use --option", error, option) : GO_ON;
}

static int make_options(void)
{
    int error = 0, result = GO_ON;
    if (given.options[0])
        error = envoi_form_new(&work.options, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_PUBLISH_OPTIONS);
    if (error)
        return explain(&program, "cannot use --option", error, NULL);
    for (size_t i = 0; i < OPTIONS_MAX && given.options[i] && result == GO_ON; i++)
        result = add_option(given.options[i]);
    return result;
}

/* ---- what ---- */

/* All of a file, up to 1 MiB, with a NUL behind; freed by the caller. NULL after a line that says why. */
static char *read_all(FILE *file, const char *name, size_t *len)
{
    enum { MOST = 1 << 20 };
    char *text = malloc(MOST + 1);
    if (!text) {
        explain(&program, "cannot read", ENVOI_ERR_NOMEM, name);
        return NULL;
    }
    *len = fread(text, 1, MOST, file);
    if (!ferror(file) && *len < MOST) {
        text[*len] = '\0';
        return text;
    }
    fprintf(stderr, "%s: cannot read %s: %s. Give it a smaller, readable one.\n", program.name, name,
            ferror(file) ? strerror(errno) : "it is too long");
    free(text);
    return NULL;
}

static int add_post(envoi_stanza *entry, const char *id)
{
    struct post *posts = realloc(work.posts, (work.count + 1) * sizeof *posts);
    if (!posts) {
        envoi_stanza_free(entry);
        return explain(&program, "cannot publish", ENVOI_ERR_NOMEM, NULL);
    }
    work.posts = posts;
    posts[work.count++] = (struct post){.entry = entry, .id = id};
    return GO_ON;
}

/* An entry's own id makes a good ItemID: the same entry published again replaces itself. */
static int add_entry(const envoi_element *entry)
{
    envoi_stanza *copy = NULL;
    int error = envoi_stanza_dup(&copy, entry);
    if (error)
        return explain(&program, "cannot publish", error, NULL);
    const char *id = envoi_element_child_text(envoi_stanza_root(copy), "id");
    return add_post(copy, given.id ? given.id : id && *id ? id : NULL);
}

static int add_feed(const envoi_element *root)
{
    const envoi_element *entry = envoi_element_is(root, "entry", NS_ATOM) ? root : NULL;
    if (envoi_element_is(root, "feed", NS_ATOM))
        entry = envoi_element_child(root, "entry", NULL);
    if (!entry) {
        fprintf(stderr, "%s: there is no Atom entry in %s. Check --atom FILE.\n", program.name, given.atom);
        return 1;
    }
    if (given.id && entry != root && envoi_element_next_same(entry))
        return options_complain(&program, "--id is for one entry, and this feed has more:", given.atom);
    int result = add_entry(entry);
    while (entry != root && result == GO_ON && (entry = envoi_element_next_same(entry)))
        result = add_entry(entry);
    return result;
}

static int read_atom(void)
{
    size_t len = 0;
    FILE *file = fopen(given.atom, "rb");
    if (!file) {
        fprintf(stderr, "%s: cannot read %s: %s. Check --atom FILE.\n", program.name, given.atom, strerror(errno));
        return 1;
    }
    char *xml = read_all(file, given.atom, &len);
    fclose(file);
    if (!xml)
        return 1;
    envoi_stanza *tree = NULL;
    int error = envoi_stanza_parse(&tree, xml, len);
    int result =
        error ? explain(&program, "cannot read the Atom file", error, given.atom) : add_feed(envoi_stanza_root(tree));
    envoi_stanza_free(tree);
    free(xml);
    return result;
}

/* The time and something random, so that no other item has it. */
static void make_id(char *out, size_t size, const struct tm *now)
{
    unsigned char random[6] = {0};
    FILE *file = fopen("/dev/urandom", "rb");
    size_t got = file ? fread(random, 1, sizeof random, file) : 0;
    if (file)
        fclose(file);
    size_t len = strftime(out, size, "%Y%m%dT%H%M%SZ-", now);
    for (size_t i = 0; i < got && len + 2 < size; i++, len += 2)
        snprintf(out + len, size - len, "%02x", random[i]);
}

static int item_uri(char *out, size_t size, const char *id)
{
    envoi_uri *uri = NULL;
    size_t len;
    int error = envoi_uri_new_pubsub(&uri, work.service, given.node, id);
    if (!error)
        error = envoi_uri_format(uri, out, size, &len);
    envoi_uri_free(uri);
    return error;
}

/* Reads standard input up to its last visible character. */
static int read_text(void)
{
    size_t len = 0;
    work.text = read_all(stdin, "standard input", &len);
    if (!work.text)
        return 1;
    if (strlen(work.text) != len)
        return explain(&program, "cannot publish this text", ENVOI_ERR_XML_CHAR, "a NUL");
    while (len && strchr(" \t\r\n", work.text[len - 1]))
        work.text[--len] = '\0';
    if (len)
        return GO_ON;
    fprintf(stderr, "%s: there is nothing to publish. Write a text to standard input.\n", program.name);
    return 1;
}

/* The first line of a text, cut where a character of UTF-8 begins. */
static void copy_title(char *out, size_t size, const char *text)
{
    size_t len = strcspn(text, "\r\n");
    if (len >= size)
        for (len = size - 1; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    memcpy(out, text, len);
    out[len] = '\0';
}

static int make_post(const char *author)
{
    char uri[ENVOI_URI_MAX_LENGTH + 1], updated[32], title[128];
    struct atom_text text = {.id = uri, .title = title, .author = author, .updated = updated, .content = work.text};
    time_t seconds = time(NULL);
    struct tm now;
    envoi_stanza *entry = NULL;
    gmtime_r(&seconds, &now);
    strftime(updated, sizeof updated, "%Y-%m-%dT%H:%M:%SZ", &now);
    make_id(work.made_id, sizeof work.made_id, &now);
    copy_title(title, sizeof title, given.title ? given.title : work.text);
    const char *id = given.id ? given.id : work.made_id;
    int error = item_uri(uri, sizeof uri, id);
    if (!error)
        error = atom_build(&entry, &text);
    return error ? explain(&program, "cannot publish this text", error, NULL) : add_post(entry, id);
}

/* ---- doing it ---- */

static int create_node(struct session *session)
{
    envoi_stanza *request = NULL;
    envoi_form *form = NULL;
    int error = envoi_form_new(&form, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_NODE_CONFIG);
    if (!error) {
        envoi_form_set_value(form, "pubsub#access_model", "open");
        envoi_form_set_bool(form, "pubsub#persist_items", 1);
        error = envoi_pubsub_create(&request, work.address, given.node, form);
    }
    envoi_form_free(form);
    if (error)
        return explain(&program, "cannot make the node", error, given.node);
    const envoi_event *reply = session_ask(session, request);
    envoi_stanza_free(request);
    if (!reply)
        return 1;
    const char *condition = envoi_event_condition(reply);
    if (envoi_event_error(reply) == 0)
        fprintf(stderr, "%s: made the node %s\n", program.name, given.node);
    else if (condition && strcmp(condition, "conflict") == 0) /* XEP-0060 8.1.2: it is there */
        fprintf(stderr, "%s: there is a node %s already\n", program.name, given.node);
    else
        return explain_reply(&program, "cannot make the node", reply);
    return GO_ON;
}

static void print_uri(const char *id)
{
    char uri[ENVOI_URI_MAX_LENGTH + 1];
    int error = item_uri(uri, sizeof uri, id);
    if (error)
        explain(&program, "published, but cannot write the item's URI", error, NULL);
    else
        puts(uri);
}

static int publish(struct session *session, const struct post *post)
{
    envoi_stanza *request = NULL;
    const char *id = NULL;
    int error = envoi_pubsub_publish(&request, work.address, given.node, post->id, envoi_stanza_root(post->entry),
                                     work.options);
    if (error)
        return explain(&program, "cannot publish", error, post->id);
    const envoi_event *reply = session_ask(session, request);
    envoi_stanza_free(request);
    if (!reply)
        return 1;
    if (envoi_event_error(reply))
        return explain_reply(&program, "cannot publish", reply);
    envoi_pubsub_parse_published(&id, envoi_event_stanza(reply)); /* NULL: as we asked */
    print_uri(id ? id : post->id);
    return GO_ON;
}

static int prepare(int argc, char **argv, unsigned *timeout_s)
{
    int operands = 0, result = options_read(&program, argc, argv, &operands);
    if (result != GO_ON)
        return result;
    if (operands > 1)
        return options_complain(&program, "there is one URI too many:", argv[2]);
    if (given.timeout && options_number(given.timeout, 86400, timeout_s))
        return options_complain(&program, "this is not a number of seconds:", given.timeout);
    if (operands && (result = take_uri(argv[1])) != GO_ON)
        return result;
    if (!given.node || !*given.node)
        return options_complain(&program, "pass --node NODE, or the URI of a node", NULL);
    if (given.atom && given.title)
        return options_complain(&program, "--title is for text, not for --atom", NULL);
    return make_options();
}

static int run(struct session *session)
{
    const char *own = envoi_config_jid(session->config);
    int result = find_service(own);
    if (result == GO_ON && work.text)
        result = make_post(own);
    if (result == GO_ON && given.create)
        result = create_node(session);
    for (size_t i = 0; i < work.count && result == GO_ON; i++)
        result = publish(session, &work.posts[i]);
    if (session->interrupted || session->timed_out)
        fprintf(stderr, "%s: not all was published: %s.\n", program.name,
                session->interrupted ? "interrupted" : "the time is over. Allow more by --timeout");
    return result == GO_ON ? 0 : result;
}

static void clean_up(void)
{
    for (size_t i = 0; i < work.count; i++)
        envoi_stanza_free(work.posts[i].entry);
    free(work.posts);
    free(work.text);
    envoi_form_free(work.options);
    envoi_jid_free(work.service);
    envoi_uri_free(work.uri);
}

int main(int argc, char **argv)
{
    struct session session;
    unsigned timeout_s = 60;
    int result = prepare(argc, argv, &timeout_s);
    if (result == GO_ON)
        result = given.atom ? read_atom() : read_text();
    if (result == GO_ON)
        result = session_open(&session, &program, &given.account, timeout_s);
    if (result == GO_ON) {
        result = run(&session);
        result |= session_close(&session);
    }
    clean_up();
    return result;
}
