/* SPDX-License-Identifier: MIT */
#include "transcript.h"

#include "base/text.h"
#include <stdio.h>
#include <string.h>

void journal_reset(struct journal *journal)
{
    journal->count = journal->text_len = journal->output_len = journal->end_count = 0;
    journal->records = journal->record_at = 0;
    journal_add_output(journal, NULL, 0);
}

void journal_free(struct journal *journal)
{
    ledger_release(journal->events);
    ledger_release(journal->text);
    ledger_release(journal->output);
    ledger_release(journal->ends);
    *journal = (struct journal){0};
}

/* Room for len more bytes of text. Offset 0 means "none", so something stands there. */
static char *text_room(struct journal *journal, size_t len)
{
    if (!journal->text_len)
        journal->text_len = 1;
    journal->text = ledger_grow(journal->text, &journal->text_room, journal->text_len + len);
    return journal->text + journal->text_len;
}

static size_t keep(struct journal *journal, const char *text)
{
    if (!text)
        return 0;
    size_t size = strlen(text) + 1;
    memcpy(text_room(journal, size), text, size);
    journal->text_len += size;
    return journal->text_len - size;
}

static size_t keep_element(struct journal *journal, const envoi_element *element)
{
    size_t len = 0;
    if (!element || envoi_element_format(element, NULL, 0, &len) != ENVOI_ERR_FULL)
        return 0;
    char *to = text_room(journal, len + 1);
    if (envoi_element_format(element, to, len + 1, &len))
        return 0;
    journal->text_len += len + 1;
    return journal->text_len - len - 1;
}

void journal_add_event(struct journal *journal, const envoi_event *event)
{
    size_t room = journal->room * sizeof *journal->events;
    journal->events = ledger_grow(journal->events, &room, (journal->count + 1) * sizeof *journal->events);
    journal->room = room / sizeof *journal->events;
    const envoi_element *stanza = envoi_event_stanza(event);
    journal->events[journal->count++] = (struct event){
        .type = envoi_event_type(event),
        .error = envoi_event_error(event),
        .retryable = envoi_event_is_retryable(event),
        .token = envoi_event_token(event),
        .fields = {keep(journal, envoi_event_jid(event)), keep(journal, envoi_event_mechanism(event)),
                   keep(journal, envoi_event_channel_binding(event)), keep(journal, envoi_event_condition(event)),
                   keep(journal, envoi_event_text(event)), keep(journal, envoi_event_tls_version(event)),
                   keep(journal, stanza ? envoi_element_lang(stanza) : envoi_event_text_lang(event)),
                   keep_element(journal, stanza ? stanza : envoi_event_stream_error(event))},
    };
}

/* Bytes of a TLS record (RFC 8446 5.1): type, version, length, fragment. XML never holds the byte of a type. */
static int is_of_record(struct journal *journal, uint8_t byte)
{
    if (!journal->record_at && (byte < 20 || byte > 23))
        return 0;
    size_t at = journal->record_at++;
    if (at == 0) {
        journal->records++;
        journal->record_len = 5;
    } else if (at == 3 || at == 4) {
        journal->record_len += (size_t)byte << (at == 3 ? 8 : 0);
    }
    if (journal->record_at == journal->record_len && at >= 4)
        journal->record_at = 0;
    return 1;
}

void journal_add_output(struct journal *journal, const uint8_t *bytes, size_t len)
{
    journal->output = ledger_grow(journal->output, &journal->output_room, journal->output_len + len + 1);
    for (size_t i = 0; i < len; i++)
        if (!is_of_record(journal, bytes[i]))
            journal->output[journal->output_len++] = (char)bytes[i];
    journal->output[journal->output_len] = '\0';
    size_t room = journal->end_room * sizeof *journal->ends;
    journal->ends = ledger_grow(journal->ends, &room, (journal->end_count + 1) * sizeof *journal->ends);
    journal->end_room = room / sizeof *journal->ends;
    journal->ends[journal->end_count++] = journal->output_len;
}

const char *journal_field(const struct journal *journal, const struct event *event, enum field field)
{
    return event->fields[field] ? journal->text + event->fields[field] : NULL;
}

int journal_same_event(const struct journal *a, const struct journal *b, size_t at)
{
    if (at >= a->count || at >= b->count)
        return 0;
    const struct event *x = &a->events[at], *y = &b->events[at];
    if (x->type != y->type || x->error != y->error || x->retryable != y->retryable || x->token != y->token)
        return 0;
    for (enum field i = 0; i < FIELDS; i++)
        if (!envoi__eq(journal_field(a, x, i), journal_field(b, y, i)) && (x->fields[i] || y->fields[i]))
            return 0;
    return 1;
}

const char *journal_describe(const struct journal *journal, size_t at)
{
    static const char *const names[FIELDS] = {
        " jid=", " mechanism=", " binding=", " condition=", " text=", " version=", " lang=", " "};
    static char text[1600];
    if (at >= journal->count)
        return "missing";
    const struct event *event = &journal->events[at];
    size_t used = (size_t)snprintf(text, sizeof text, "%s error=%s", envoi__event_name(event->type),
                                   event->error ? envoi_error_name(event->error) : "OK");
    for (enum field i = 0; i < FIELDS; i++) {
        const char *value = journal_field(journal, event, i);
        if (value && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.400s", names[i], value);
    }
    return text;
}
