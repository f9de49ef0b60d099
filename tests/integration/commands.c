/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- printing ---- */

static const char *or_none(const char *text)
{
    return text ? text : "none";
}

static void print_xml(const char *what, const envoi_element *element)
{
    size_t len = 0;
    char *text = NULL;
    if (element && envoi_element_format(element, NULL, 0, &len) == ENVOI_ERR_FULL)
        text = malloc(len + 1);
    if (text && !envoi_element_format(element, text, len + 1, &len)) {
        for (size_t i = 0; i < len; i++) /* a line is a line */
            if (text[i] == '\n')
                text[i] = ' ';
        printf("%s %s\n", what, text);
    } else {
        printf("%s none\n", what);
    }
    free(text);
}

static void print_item(const char *what, const char *what_payload, const envoi_element *item)
{
    printf("%s %s %s by %s\n", what, or_none(envoi_pubsub_item_node(item)), or_none(envoi_pubsub_item_id(item)),
           or_none(envoi_pubsub_item_publisher(item)));
    print_xml(what_payload, envoi_pubsub_item_payload(item));
}

static void print_event_items(const envoi_pubsub_event *event)
{
    for (const envoi_element *item = envoi_pubsub_event_items(event); item; item = envoi_pubsub_item_next(item))
        if (envoi_pubsub_item_is_retracted(item))
            printf("event-retract %s %s\n", envoi_pubsub_event_node(event), envoi_pubsub_item_id(item));
        else
            print_item("event-item", "event-payload", item);
}

static void print_events(envoi_pubsub_event *event)
{
    do {
        switch (envoi_pubsub_event_type(event)) {
        case ENVOI_PUBSUB_EVENT_ITEMS:
            print_event_items(event);
            break;
        case ENVOI_PUBSUB_EVENT_PURGE:
            printf("event-purge %s\n", envoi_pubsub_event_node(event));
            break;
        case ENVOI_PUBSUB_EVENT_DELETE:
            printf("event-delete %s\n", envoi_pubsub_event_node(event));
            break;
        case ENVOI_PUBSUB_EVENT_CONFIGURATION:
            printf("event-configuration %s\n", envoi_pubsub_event_node(event));
            break;
        default:
            printf("event %d\n", envoi_pubsub_event_type(event));
        }
    } while (envoi_pubsub_event_next(event));
}

void client_print_stanza(struct client *client, const envoi_element *stanza)
{
    envoi_pubsub_event *event;
    int error = client->service ? envoi_pubsub_event_parse(&event, stanza, client->service) : ENVOI_ERR_NOT_FOUND;
    if (!error) {
        print_events(event);
        envoi_pubsub_event_free(event);
    } else if (error == ENVOI_ERR_UNEXPECTED) {
        printf("forged %s\n", or_none(envoi_element_attr(stanza, "from")));
    } else if (envoi_message_body(stanza, NULL)) {
        printf("message %s %s\n", or_none(envoi_element_attr(stanza, "from")), envoi_message_body(stanza, NULL));
    } else {
        print_xml("stanza", stanza);
    }
}

static void print_info(const envoi_element *reply)
{
    envoi_disco_info *info;
    if (envoi_disco_info_parse(&info, reply))
        return;
    for (size_t i = 0; i < envoi_disco_info_identity_count(info); i++)
        printf("identity %s %s\n", envoi_disco_info_category_at(info, i), envoi_disco_info_type_at(info, i));
    for (size_t i = 0; i < envoi_disco_info_feature_count(info); i++)
        printf("feature %s\n", envoi_disco_info_feature_at(info, i));
    envoi_disco_info_free(info);
}

static void print_disco_items(const envoi_element *reply)
{
    envoi_disco_items *items;
    if (envoi_disco_items_parse(&items, reply))
        return;
    for (size_t i = 0; i < envoi_disco_items_count(items); i++)
        printf("disco-item %s %s\n", envoi_disco_items_jid_at(items, i),
               or_none(envoi_disco_items_node_at(items, i)));
    envoi_disco_items_free(items);
}

static void print_created(const envoi_element *reply)
{
    const char *node;
    if (!envoi_pubsub_parse_created(&node, reply))
        printf("created %s\n", or_none(node));
}

static void print_published(const envoi_element *reply)
{
    const char *id;
    if (!envoi_pubsub_parse_published(&id, reply))
        printf("published %s\n", or_none(id));
}

static void print_items(const envoi_element *reply)
{
    const envoi_element *item;
    if (!envoi_pubsub_parse_items(&item, reply))
        for (; item; item = envoi_pubsub_item_next(item))
            print_item("item", "payload", item);
}

/* The items, and what the service says about the page they are. */
static void print_page(const envoi_element *reply)
{
    envoi_rsm *page;
    uint32_t count;
    print_items(reply);
    if (envoi_pubsub_parse_page(&page, reply))
        return;
    printf("page %s %s ", or_none(envoi_rsm_first(page)), or_none(envoi_rsm_last(page)));
    if (envoi_rsm_count(page, &count))
        printf("none\n");
    else
        printf("%lu\n", (unsigned long)count);
    envoi_rsm_free(page);
}

static void print_subscription(const envoi_element *subscription)
{
    printf("subscription %s %s %s\n", or_none(envoi_pubsub_subscription_node(subscription)),
           or_none(envoi_pubsub_subscription_jid(subscription)),
           or_none(envoi_pubsub_subscription_state_name(envoi_pubsub_subscription_state(subscription))));
    if (envoi_pubsub_subscription_subid(subscription))
        printf("subid %s\n", envoi_pubsub_subscription_subid(subscription));
}

static void print_subscribed(const envoi_element *reply)
{
    const envoi_element *subscription;
    if (!envoi_pubsub_parse_subscription(&subscription, reply) && subscription)
        print_subscription(subscription);
}

static void print_subscriptions(const envoi_element *reply)
{
    const envoi_element *one;
    if (!envoi_pubsub_parse_subscriptions(&one, reply))
        for (; one; one = envoi_pubsub_subscription_next(one))
            print_subscription(one);
}

static void print_affiliations(const envoi_element *reply)
{
    const envoi_element *one;
    if (!envoi_pubsub_parse_affiliations(&one, reply))
        for (; one; one = envoi_pubsub_affiliation_next(one))
            printf("affiliation %s %s %s\n", or_none(envoi_pubsub_affiliation_node(one)),
                   or_none(envoi_pubsub_affiliation_jid(one)),
                   or_none(envoi_pubsub_affiliation_name(envoi_pubsub_affiliation(one))));
}

static void print_configuration(const envoi_element *reply)
{
    envoi_form *form;
    if (envoi_pubsub_parse_configuration(&form, reply))
        return;
    for (size_t i = 0; i < envoi_form_field_count(form); i++) {
        const envoi_field *field = envoi_form_field_at(form, i);
        printf("option %s %s\n", or_none(envoi_field_var(field)), or_none(envoi_field_value_at(field, 0)));
    }
    envoi_form_free(form);
}

static void print_nothing(const envoi_element *reply)
{
    (void)reply;
}

/* First what the reply holds, then the line that says it is over. */
void client_print_reply(struct client *client, const envoi_event *event)
{
    int error = envoi_event_error(event);
    const envoi_element *reply = envoi_event_stanza(event);
    for (size_t i = 0; reply && !error && i < client->request_count; i++)
        if (client->requests[i].token == envoi_event_token(event))
            client->requests[i].print(reply);
    printf("reply %llu %s condition=%s pubsub=%s text=%s\n", (unsigned long long)envoi_event_token(event),
           error ? envoi_error_name(error) : "ENVOI_OK", or_none(envoi_event_condition(event)),
           or_none(reply ? envoi_pubsub_error_condition(reply) : NULL), or_none(envoi_event_text(event)));
}

/* ---- commands ---- */

/* What a line is made of: up to three words, and all that follows. An absent one is NULL, and so is a
 * first word that is "-": requests then are to the own account. */
struct words {
    const char *one, *two, *three, *rest;
};

static int make_message(envoi_stanza **out, const struct words *words)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s%s%s%s", or_none(words->two), words->three ? " " : "",
             words->three ? words->three : "", words->rest ? " " : "", words->rest ? words->rest : "");
    int error = envoi_message_new(out, words->one, "chat");
    if (!error)
        envoi_message_add_body(*out, text, NULL);
    return error;
}

static int make_presence(envoi_stanza **out, const struct words *words)
{
    (void)words;
    return envoi_presence_new(out, NULL, NULL);
}

static int make_ping(envoi_stanza **out, const struct words *words)
{
    int error = envoi_iq_new(out, words->one, "get");
    if (!error)
        envoi_element_add_child(envoi_stanza_element(*out), "ping", "urn:xmpp:ping");
    return error;
}

static int make_info(envoi_stanza **out, const struct words *words)
{
    return envoi_disco_info_request(out, words->one, words->two);
}

static int make_disco_items(envoi_stanza **out, const struct words *words)
{
    return envoi_disco_items_request(out, words->one, words->two, NULL);
}

/* create SERVICE NODE [VAR VALUE], configure SERVICE NODE VAR VALUE */
static int with_form(envoi_stanza **out, const struct words *words,
                     int (*build)(envoi_stanza **, const char *, const char *, const envoi_form *))
{
    envoi_form *form = NULL;
    int error = words->three ? envoi_form_new(&form, ENVOI_FORM_SUBMIT, ENVOI_PUBSUB_FORM_NODE_CONFIG) : 0;
    if (!error && form)
        error = envoi_form_set_value(form, words->three, words->rest);
    if (!error)
        error = build(out, words->one, words->two, form);
    envoi_form_free(form);
    return error;
}

static int make_create(envoi_stanza **out, const struct words *words)
{
    return with_form(out, words, envoi_pubsub_create);
}

static int make_configure(envoi_stanza **out, const struct words *words)
{
    return with_form(out, words, envoi_pubsub_set_configuration);
}

static int make_configuration(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_get_configuration(out, words->one, words->two);
}

/* publish SERVICE NODE ITEM XML */
static int make_publish(envoi_stanza **out, const struct words *words)
{
    envoi_stanza *payload = NULL;
    int error = words->rest ? envoi_stanza_parse(&payload, words->rest, strlen(words->rest)) : 0;
    if (!error)
        error = envoi_pubsub_publish(out, words->one, words->two, words->three, envoi_stanza_root(payload), NULL);
    envoi_stanza_free(payload);
    return error;
}

static int make_retract(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_retract(out, words->one, words->two, &words->three, 1, 1);
}

static int make_get(envoi_stanza **out, const struct words *words)
{
    return words->three ? envoi_pubsub_get_items_by_id(out, words->one, words->two, NULL, &words->three, 1)
                        : envoi_pubsub_get_items(out, words->one, words->two, NULL, 0, NULL);
}

/* newest SERVICE NODE COUNT */
static int make_newest(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_get_items(out, words->one, words->two, NULL, (uint32_t)strtoul(words->three, NULL, 10), NULL);
}

/* page SERVICE NODE MAX [AFTER] */
static int make_page(envoi_stanza **out, const struct words *words)
{
    envoi_rsm *page;
    int error = envoi_rsm_new(&page);
    if (error)
        return error;
    error = envoi_rsm_set_max(page, (uint32_t)strtoul(words->three, NULL, 10));
    if (!error && words->rest)
        error = envoi_rsm_set_after(page, words->rest);
    if (!error)
        error = envoi_pubsub_get_items(out, words->one, words->two, NULL, 0, page);
    envoi_rsm_free(page);
    return error;
}

static int make_purge(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_purge(out, words->one, words->two);
}

static int make_delete(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_delete(out, words->one, words->two, NULL);
}

static int make_subscribe(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_subscribe(out, words->one, words->two, words->three, NULL);
}

static int make_unsubscribe(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_unsubscribe(out, words->one, words->two, words->three, words->rest);
}

static int make_subscriptions(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_get_subscriptions(out, words->one, words->two);
}

static int make_affiliations(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_get_affiliations(out, words->one, words->two);
}

static int make_node_affiliations(envoi_stanza **out, const struct words *words)
{
    return envoi_pubsub_get_node_affiliations(out, words->one, words->two);
}

/* resolve URI: fetch the item that an xmpp: URI names */
static int make_resolve(envoi_stanza **out, const struct words *words)
{
    envoi_uri *uri;
    int error = envoi_uri_parse(&uri, words->one, 0);
    if (error)
        return error;
    const char *item = envoi_uri_item(uri), *node = envoi_uri_node(uri);
    const char *service = envoi_jid_full(envoi_uri_jid(uri));
    error = item ? envoi_pubsub_get_items_by_id(out, service, node, NULL, &item, 1)
                 : envoi_pubsub_get_items(out, service, node, NULL, 0, NULL);
    envoi_uri_free(uri);
    return error;
}

static const struct command {
    const char *name;
    int min_words; /* how many of the words must be there; 4: the rest too */
    int (*make)(envoi_stanza **out, const struct words *words);
    reply_printer print; /* NULL: no request */
} commands[] = {
    {"message", 2, make_message, NULL},
    {"presence", 0, make_presence, NULL},
    {"ping", 0, make_ping, print_nothing},
    {"info", 1, make_info, print_info},
    {"items", 1, make_disco_items, print_disco_items},
    {"create", 2, make_create, print_created},
    {"configure", 4, make_configure, print_nothing},
    {"configuration", 2, make_configuration, print_configuration},
    {"publish", 3, make_publish, print_published},
    {"retract", 3, make_retract, print_nothing},
    {"get", 2, make_get, print_items},
    {"newest", 3, make_newest, print_items},
    {"page", 3, make_page, print_page},
    {"purge", 2, make_purge, print_nothing},
    {"delete", 2, make_delete, print_nothing},
    {"subscribe", 3, make_subscribe, print_subscribed},
    {"unsubscribe", 3, make_unsubscribe, print_subscribed},
    {"subscriptions", 1, make_subscriptions, print_subscriptions},
    {"affiliations", 1, make_affiliations, print_affiliations},
    {"node-affiliations", 2, make_node_affiliations, print_affiliations},
    {"resolve", 1, make_resolve, print_items},
};

static const char *next_word(char **line)
{
    while (**line == ' ')
        ++*line;
    const char *word = *line;
    char *end = strchr(*line, ' ');
    *line = end ? end + 1 : *line + strlen(*line);
    if (end)
        *end = '\0';
    return *word ? word : NULL;
}

static int send_made(struct client *client, const struct command *command, const envoi_stanza *stanza)
{
    uint64_t token = 0;
    if (!command->print)
        return envoi_stream_send(client->stream, stanza);
    int error = envoi_stream_send_iq(client->stream, stanza, 0, &token);
    if (!error) {
        size_t slot = client->request_count < MOST_REQUESTS ? client->request_count++ : token % MOST_REQUESTS;
        client->requests[slot].token = token;
        client->requests[slot].print = command->print;
        printf("asked %llu\n", (unsigned long long)token);
    }
    return error;
}

int client_command(struct client *client, char *line)
{
    const char *name = next_word(&line);
    int error = ENVOI_ERR_NOT_FOUND;
    if (name && strcmp(name, "close") == 0)
        return envoi_stream_close(client->stream);
    struct words words = {.one = next_word(&line), .two = next_word(&line), .three = next_word(&line)};
    words.rest = *line ? line : NULL;
    int count = !!words.one + !!words.two + !!words.three + !!words.rest;
    if (words.one && strcmp(words.one, "-") == 0)
        words.one = NULL; /* the own account */
    for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++) {
        envoi_stanza *stanza = NULL;
        if (strcmp(commands[i].name, name) != 0)
            continue;
        error = count < commands[i].min_words ? ENVOI_ERR_ARGUMENT : commands[i].make(&stanza, &words);
        if (!error)
            error = send_made(client, &commands[i], stanza);
        envoi_stanza_free(stanza);
    }
    if (error)
        printf("refused %s %s\n", or_none(name), envoi_error_name(error));
    return error;
}
