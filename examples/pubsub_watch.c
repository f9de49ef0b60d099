/* SPDX-License-Identifier: MIT */
/* Follows a node: what is there now, then what comes (XEP-0060 6.1, 6.5, 7.1.2). */
#include "common/atom.h"
#include "common/print.h"
#include "common/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 50, FETCH_MAX = 32, ID_MAX = 1024 };

static struct {
    struct account account;
    const char *service, *node, *item, *count, *timeout;
    int once;
} given;

static const struct option options[] = {
    ACCOUNT_OPTIONS(given.account),
    HOST_OPTION(given.account),
    {"--service", "JID", "the publish-subscribe service or account, instead of a URI", &given.service, NULL, 0},
    {"--node", "NODE", "the node, instead of a URI", &given.node, NULL, 0},
    {"--once", NULL, "show what is there and end, without subscribing", NULL, &given.once, 0},
    {"--count", "N", "end after N new items", &given.count, NULL, 0},
    {"--timeout", "SECONDS", "end after this long; a failure if --count was not reached", &given.timeout, NULL, 0},
};

static const struct program program = {
    .name = "pubsub_watch",
    .usage = "[OPTION]... xmpp:SERVICE?;node=NODE[;item=ITEM]",
    .about = "Shows the items of a node (or the one that the URI names), then new ones as they come, until Ctrl-C.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

static struct {
    envoi_uri *uri;
    envoi_jid *service;
    const char *address; /* of the service in requests: NULL for the own account */
    unsigned wanted, seen;
    int gone;                      /* the node was deleted */
    char fetch[FETCH_MAX][ID_MAX]; /* items that were announced without their payload */
    size_t fetch_count;
} work;

/* ---- showing ---- */

static void show_item(const envoi_element *item, const char *news)
{
    const char *id = envoi_pubsub_item_id(item), *publisher = envoi_pubsub_item_publisher(item);
    const envoi_element *payload = envoi_pubsub_item_payload(item);
    printf("%s ", news);
    print_text(stdout, id ? id : "(without id)", NULL);
    if (publisher) {
        fputs(" published by ", stdout);
        print_text(stdout, publisher, NULL);
    }
    putchar('\n');
    if (payload)
        atom_print(stdout, payload);
    fflush(stdout);
}

static void show_note(const char *note, const char *text)
{
    printf("%s", note);
    if (text) {
        putchar(' ');
        print_text(stdout, text, NULL);
    }
    putchar('\n');
    fflush(stdout);
}

/* ---- what comes ---- */

/* An item that comes without its payload is asked for when this event is done with. */
static void take_item(const envoi_element *item)
{
    const char *id = envoi_pubsub_item_id(item);
    work.seen++;
    if (envoi_pubsub_item_payload(item) || !id || strlen(id) >= ID_MAX || work.fetch_count == FETCH_MAX)
        show_item(item, "new item");
    else
        memcpy(work.fetch[work.fetch_count++], id, strlen(id) + 1);
}

static void take_items(const envoi_pubsub_event *event)
{
    const envoi_element *item = envoi_pubsub_event_items(event);
    for (; item; item = envoi_pubsub_item_next(item)) {
        if (envoi_pubsub_item_is_retracted(item))
            show_note("retracted", envoi_pubsub_item_id(item));
        else
            take_item(item);
    }
}

static void take_event(const envoi_pubsub_event *event)
{
    const char *node = envoi_pubsub_event_node(event);
    if (!node || strcmp(node, given.node) != 0)
        return; /* of another subscription */
    switch (envoi_pubsub_event_type(event)) {
    case ENVOI_PUBSUB_EVENT_ITEMS:
        take_items(event);
        break;
    case ENVOI_PUBSUB_EVENT_PURGE:
        show_note("all items were removed", NULL);
        break;
    case ENVOI_PUBSUB_EVENT_DELETE:
        show_note("the node was deleted", envoi_pubsub_event_redirect(event));
        work.gone = 1;
        break;
    case ENVOI_PUBSUB_EVENT_CONFIGURATION:
        show_note("the node was configured anew", NULL);
        break;
    default:
        break;
    }
}

/* Anybody can send what looks like an event: only the service is believed. */
static void take_stanza(void *user, const envoi_event *event)
{
    const envoi_element *stanza = envoi_event_stanza(event);
    const char *from = envoi_element_attr(stanza, "from");
    envoi_pubsub_event *news = NULL;
    (void)user;
    if (envoi_event_type(event) != ENVOI_EVENT_STANZA)
        return;
    int error = envoi_pubsub_event_parse(&news, stanza, envoi_jid_full(work.service));
    if (error == ENVOI_ERR_UNEXPECTED) {
        fprintf(stderr, "%s: ignored what looks like an event and comes from ", program.name);
        print_text(stderr, from ? from : "the own account", NULL); /* RFC 6120 8.1.2.1 */
        fputc('\n', stderr);
    }
    if (error)
        return;
    do
        take_event(news);
    while (envoi_pubsub_event_next(news));
    envoi_pubsub_event_free(news);
}

/* ---- asking ---- */

/* Sends what was built and frees it. NULL after a line that says why, or if it is time to stop. */
static const envoi_event *ask(struct session *session, int build_error, envoi_stanza *request, const char *doing)
{
    if (build_error) {
        explain(&program, doing, build_error, given.node);
        return NULL;
    }
    const envoi_event *reply = session_ask(session, request);
    envoi_stanza_free(request);
    if (!reply || !envoi_event_error(reply))
        return reply;
    explain_reply(&program, doing, reply);
    return NULL;
}

/* Shows the items of a reply, and returns how many there were; -1: it is none. */
static int show_items(const envoi_event *reply, const char *news)
{
    const envoi_element *item = NULL;
    int count = 0, error = envoi_pubsub_parse_items(&item, envoi_event_stanza(reply));
    if (error) {
        explain(&program, "cannot read the items", error, NULL);
        return -1;
    }
    for (; item; item = envoi_pubsub_item_next(item), count++)
        show_item(item, news);
    return count;
}

static int show_one(struct session *session, const char *id, const char *news)
{
    envoi_stanza *request = NULL;
    int error = envoi_pubsub_get_items_by_id(&request, work.address, given.node, NULL, &id, 1);
    const envoi_event *reply = ask(session, error, request, "cannot read the item");
    int count = reply ? show_items(reply, news) : -1;
    if (count == 0)
        fprintf(stderr, "%s: the node holds no such item. Check the URI.\n", program.name);
    return count > 0 ? 0 : 1;
}

/* One page; services that do not page send everything. 1: there may be more behind it. -1: failed. */
static int show_page(struct session *session, envoi_rsm *page)
{
    envoi_stanza *request = NULL;
    envoi_rsm *answer = NULL;
    int error = envoi_pubsub_get_items(&request, work.address, given.node, NULL, 0, page);
    const envoi_event *reply = ask(session, error, request, "cannot read the items");
    if (!reply || show_items(reply, "item") < 0)
        return -1;
    int more = !envoi_pubsub_parse_page(&answer, envoi_event_stanza(reply)) && !envoi_rsm_set_next(page, answer);
    envoi_rsm_free(answer);
    return more;
}

static int show_all(struct session *session)
{
    envoi_rsm *page = NULL;
    int more = 1, error = envoi_rsm_new(&page);
    if (error)
        return explain(&program, "cannot read the items", error, NULL);
    envoi_rsm_set_max(page, PAGE);
    while (more > 0)
        more = show_page(session, page);
    envoi_rsm_free(page);
    return more < 0 ? 1 : 0;
}

static void fetch_announced(struct session *session)
{
    char id[ID_MAX];
    while (work.fetch_count && !session->closed) {
        memcpy(id, work.fetch[--work.fetch_count], sizeof id);
        if (show_one(session, id, "new item"))
            return;
    }
}

/* ---- subscribing ---- */

/* Services that cannot tell make the answer no. */
static int is_subscribed(struct session *session, const char *own)
{
    envoi_stanza *request = NULL;
    const envoi_element *entry = NULL;
    if (envoi_pubsub_get_subscriptions(&request, work.address, given.node))
        return 0;
    const envoi_event *reply = session_ask(session, request);
    envoi_stanza_free(request);
    if (reply && !envoi_event_error(reply))
        envoi_pubsub_parse_subscriptions(&entry, envoi_event_stanza(reply));
    for (; entry; entry = envoi_pubsub_subscription_next(entry)) {
        const char *node = envoi_pubsub_subscription_node(entry), *jid = envoi_pubsub_subscription_jid(entry);
        if (node && jid && !strcmp(node, given.node) && !strcmp(jid, own) &&
            envoi_pubsub_subscription_state(entry) == ENVOI_PUBSUB_SUBSCRIPTION_SUBSCRIBED)
            return 1;
    }
    return 0;
}

/* The bare JID is subscribed, so that a program that was killed finds its subscription again. Returns 0 or 1. */
static int subscribe(struct session *session, const char *own)
{
    envoi_stanza *request = NULL;
    const envoi_element *subscription = NULL;
    int error = envoi_pubsub_subscribe(&request, work.address, given.node, own, NULL);
    const envoi_event *reply = ask(session, error, request, "cannot subscribe");
    if (!reply)
        return 1;
    error = envoi_pubsub_parse_subscription(&subscription, envoi_event_stanza(reply));
    int state = envoi_pubsub_subscription_state(subscription);
    if (!error && state == ENVOI_PUBSUB_SUBSCRIPTION_PENDING)
        fprintf(stderr, "%s: the node's owner is asked to let you in\n", program.name);
    else if (!error)
        fprintf(stderr, "%s: subscribed to %s\n", program.name, given.node);
    return error ? explain(&program, "cannot subscribe", error, NULL) : 0;
}

static void unsubscribe(struct session *session, const char *own)
{
    envoi_stanza *request = NULL;
    int error = envoi_pubsub_unsubscribe(&request, work.address, given.node, own, NULL);
    session->interrupted = session->timed_out = 1; /* known by now */
    if (ask(session, error, request, "cannot unsubscribe"))
        fprintf(stderr, "%s: unsubscribed\n", program.name);
}

/* ---- all of it ---- */

static int send_presence(struct session *session)
{
    envoi_stanza *presence = NULL;
    int error = envoi_presence_new(&presence, NULL, NULL);
    if (!error)
        error = envoi_stream_send(session->stream, presence);
    envoi_stanza_free(presence);
    return error ? explain(&program, "cannot send presence", error, NULL) : 0;
}

static int is_done(void)
{
    return work.gone || (work.wanted && work.seen >= work.wanted);
}

static void follow(struct session *session)
{
    const envoi_event *event;
    fetch_announced(session);
    while (!is_done() && (event = session_next(session))) {
        take_stanza(NULL, event);
        fetch_announced(session);
    }
}

static int watch(struct session *session)
{
    const char *own = envoi_config_jid(session->config);
    int mine = 0;
    session->other = take_stanza;
    if (!given.once) {
        if (send_presence(session)) /* without presence no event is delivered to the bare JID */
            return 1;
        if (!is_subscribed(session, own)) {
            if (subscribe(session, own))
                return 1;
            mine = 1;
        }
    }
    int result = given.item ? show_one(session, given.item, "item") : show_all(session);
    if (!given.once && result == 0)
        follow(session);
    if (mine && !session->closed && !work.gone)
        unsubscribe(session, own);
    if (result == 0 && work.wanted && work.seen < work.wanted && !session->failed) {
        fprintf(stderr, "%s: %u of %u new items came before the end.\n", program.name, work.seen, work.wanted);
        result = 1;
    }
    return result;
}

static int find_node(const char *text)
{
    int error = envoi_uri_parse(&work.uri, text, ENVOI_URI_LENIENT);
    if (error)
        return explain(&program, "cannot read the URI", error, text);
    if (given.service || given.node)
        return options_complain(&program, "give either a URI or --service and --node", NULL);
    if (envoi_uri_jid(work.uri))
        given.service = envoi_jid_full(envoi_uri_jid(work.uri));
    given.node = envoi_uri_node(work.uri);
    given.item = envoi_uri_item(work.uri);
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
    if (given.count && options_number(given.count, 1000000, &work.wanted))
        return options_complain(&program, "this is not a number of items:", given.count);
    if (operands && (result = find_node(argv[1])) != GO_ON)
        return result;
    if (!given.node || !*given.node)
        return options_complain(&program, "pass the URI of a node, such as xmpp:pubsub.example.com?;node=news", NULL);
    return GO_ON;
}

static int find_service(const char *own)
{
    const char *service = given.service ? given.service : own;
    int error = envoi_jid_parse(&work.service, service);
    if (error)
        return explain(&program, "cannot use the service", error, service);
    work.address = strcmp(envoi_jid_full(work.service), own) == 0 ? NULL : envoi_jid_full(work.service);
    return 0;
}

int main(int argc, char **argv)
{
    struct session session;
    unsigned timeout_s = 0;
    int result = prepare(argc, argv, &timeout_s);
    if (result == GO_ON)
        result = session_open(&session, &program, &given.account, timeout_s);
    if (result == GO_ON) {
        result = find_service(envoi_config_jid(session.config));
        if (!result)
            result = watch(&session);
        result |= session_close(&session);
    }
    envoi_jid_free(work.service);
    envoi_uri_free(work.uri);
    return result;
}
