/* SPDX-License-Identifier: MIT */
/* What was sent against what is written. */
#include "replay/peer.h"

#include "base/mem.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

void envoi__peer_init(struct envoi__peer *peer)
{
    *peer = (struct envoi__peer){0};
}

void envoi__peer_free(struct envoi__peer *peer)
{
    for (size_t i = 0; i < peer->count; i++) {
        envoi__free(peer->names[i].name);
        envoi__free(peer->names[i].value);
    }
    envoi__free(peer->names);
    envoi__free_secret(peer->password);
    envoi__peer_init(peer);
}

static int is_word(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && memcmp(word, text, len) == 0;
}

/* The last ones are asked for most. */
static struct envoi__name *find(const struct envoi__peer *peer, const char *name, size_t len)
{
    for (size_t i = peer->count; i; i--)
        if (is_word(peer->names[i - 1].name, name, len))
            return &peer->names[i - 1];
    return NULL;
}

const char *envoi__peer_get(const struct envoi__peer *peer, const char *name, size_t len)
{
    const struct envoi__name *found = find(peer, name, len);
    return found ? found->value : NULL;
}

static int make_room(struct envoi__peer *peer)
{
    if (peer->count < peer->room)
        return 0;
    size_t room = peer->room ? peer->room * 2 : 16;
    struct envoi__name *names = envoi__realloc(peer->names, room * sizeof *names);
    if (!names)
        return ENVOI_ERR_NOMEM;
    peer->names = names;
    peer->room = room;
    return 0;
}

static int add_name(struct envoi__peer *peer, const char *name, size_t len, char *value)
{
    char *copy = make_room(peer) ? NULL : envoi__strndup(name, len);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    peer->names[peer->count++] = (struct envoi__name){copy, value};
    return 0;
}

int envoi__peer_set(struct envoi__peer *peer, const char *name, size_t name_len, const char *value, size_t len)
{
    struct envoi__name *old = find(peer, name, name_len);
    char *copy = envoi__strndup(value, len);
    int error = !copy ? ENVOI_ERR_NOMEM : old ? 0 : add_name(peer, name, name_len, copy);
    if (error) {
        envoi__free(copy);
        return error;
    }
    if (old) {
        envoi__free(old->value);
        old->value = copy;
    }
    return 0;
}

int envoi__peer_set_password(struct envoi__peer *peer, const char *password)
{
    char *copy = envoi__strdup(password);
    if (!copy)
        return ENVOI_ERR_NOMEM;
    envoi__free_secret(peer->password);
    peer->password = copy;
    return 0;
}

/* ---- texts ---- */

/* One part of a pattern: literal text, or what stands in braces. */
struct part {
    const char *text; /* of a name: inside the braces */
    size_t len;
    int is_name;
    char byte;
};

/* The part that begins here; returns what stands behind it. A brace that nothing closes is itself. */
static const char *next_part(const char *pattern, struct part *part)
{
    const char *close = *pattern == '{' ? strchr(pattern, '}') : NULL;
    *part = (struct part){.text = pattern};
    if (!close) {
        part->len = 1 + strcspn(pattern + 1, "{");
        return pattern + part->len;
    }
    *part = (struct part){.text = pattern + 1, .len = (size_t)(close - pattern - 1), .is_name = 1};
    if (part->len > 5 && strncmp(part->text, "byte ", 5) == 0) {
        part->byte = (char)strtoul(part->text + 5, NULL, 16);
        *part = (struct part){.text = &part->byte, .len = 1, .byte = part->byte};
    }
    return close + 1;
}

/* A further attempt at a login brings other messages by the same names. */
static int is_bound_anew(const struct part *part)
{
    return is_word("client-first", part->text, part->len) || is_word("client-final", part->text, part->len) ||
           is_word("mechanism", part->text, part->len);
}

/* A transcript may come from anywhere: what one comparison may take. */
enum { MOST_UNKNOWN = 32, MOST_STEPS = 1 << 22 };

/* What a name further to the front of the same pattern stands for, if the rest fits too. */
struct guess {
    const struct part *part;
    const char *value;
    size_t len;
    const struct guess *before;
    int number; /* of the unknown name in its pattern, from 1 */
};

/* One comparison. */
struct walk {
    struct envoi__peer *peer;
    const char *end;   /* of the text */
    int reached;       /* the largest number of an unknown name so far */
    int is_guess_used; /* whether an unknown name stood again further behind */
    size_t steps;      /* since then: bytes and parts */
};

/* What the part must be; NULL: anything. */
static const char *known_value(struct walk *walk, const struct part *part, const struct guess *guess, size_t *len)
{
    *len = part->len;
    if (!part->is_name)
        return part->text;
    if (is_word("any", part->text, part->len))
        return NULL;
    for (; guess; guess = guess->before) {
        *len = guess->len;
        if (guess->part->len == part->len && memcmp(guess->part->text, part->text, part->len) == 0) {
            walk->is_guess_used = 1;
            return guess->value;
        }
    }
    const char *value = is_bound_anew(part) ? NULL : envoi__peer_get(walk->peer, part->text, part->len);
    *len = value ? strlen(value) : 0;
    return value;
}

/* How many bytes at the start are the same. {byte 00} stands for what no text holds, not for its end. */
static size_t count_same(const char *text, const char *start, size_t len)
{
    size_t same = 0;
    while (same < len && text[same] && text[same] == start[same])
        same++;
    return same;
}

static int bind(struct envoi__peer *peer, const struct part *part, const char *value, size_t len)
{
    if (is_word("any", part->text, part->len))
        return 0;
    return envoi__peer_set(peer, part->text, part->len, value, len);
}

static int match_behind(struct walk *walk, const char *pattern, const char *text, const struct guess *guess);

/* A name that is not known takes as little as lets the rest fit. Once the next one was reached there is no need to
 * take more, for that one tried all that is behind; unless what a name took has to stand there again. */
static int match_unknown(struct walk *walk, const struct part *part, const char *rest, const char *text,
                         const struct guess *before)
{
    int number = before ? before->number + 1 : 1;
    if (number > MOST_UNKNOWN)
        return ENVOI_ERR_TRANSCRIPT;
    if (number > walk->reached)
        walk->reached = number;
    for (const char *end = *rest ? text : walk->end; end <= walk->end; end++) {
        const struct guess guess = {part, text, (size_t)(end - text), before, number};
        int result = match_behind(walk, rest, end, &guess);
        if (result > 0)
            result = bind(walk->peer, part, text, guess.len) ? ENVOI_ERR_NOMEM : 1;
        if (result || (walk->reached > number && !walk->is_guess_used))
            return result;
    }
    return 0;
}

static int match_behind(struct walk *walk, const char *pattern, const char *text, const struct guess *guess)
{
    while (*pattern) {
        struct part part;
        size_t len;
        pattern = next_part(pattern, &part);
        const char *value = known_value(walk, &part, guess, &len);
        if (!value)
            return match_unknown(walk, &part, pattern, text, guess);
        size_t same = count_same(text, value, len);
        walk->steps += walk->is_guess_used ? same + 1 : 0;
        if (walk->steps > MOST_STEPS)
            return ENVOI_ERR_TRANSCRIPT;
        if (same < len)
            return 0;
        text += len;
    }
    return !*text;
}

int envoi__match_text(struct envoi__peer *peer, const char *pattern, const char *text)
{
    struct walk walk = {.peer = peer, .end = text + strlen(text)};
    return match_behind(&walk, pattern, text, NULL);
}

/* ---- elements ---- */

static int match_attributes(struct envoi__peer *peer, const envoi_element *pattern, const envoi_element *element)
{
    size_t count = envoi_element_attr_count(pattern);
    int result = count == envoi_element_attr_count(element);
    for (size_t i = 0; i < count && result == 1; i++) {
        const char *ns = envoi_element_attr_namespace_at(pattern, i), *name = envoi_element_attr_name_at(pattern, i);
        const char *value = *ns ? envoi_element_attr_ns(element, name, ns) : envoi_element_attr(element, name);
        result = value ? envoi__match_text(peer, envoi_element_attr_value_at(pattern, i), value) : 0;
    }
    return result;
}

static int match_one(struct envoi__peer *peer, const envoi_element *pattern, const envoi_element *element)
{
    if (!envoi_element_is(element, envoi_element_name(pattern), envoi_element_namespace(pattern)))
        return 0;
    int result = match_attributes(peer, pattern, element);
    return result == 1 ? envoi__match_text(peer, envoi_element_text(pattern), envoi_element_text(element)) : result;
}

/* The next element of the whole tree; NULL at its end. */
static const envoi_element *next_in(const envoi_element *root, const envoi_element *at)
{
    if (envoi_element_first_child(at))
        return envoi_element_first_child(at);
    while (at != root && !envoi_element_next_sibling(at))
        at = envoi_element_parent(at);
    return at == root ? NULL : envoi_element_next_sibling(at);
}

static int same_shape(const envoi_element *a, const envoi_element *b, int are_roots)
{
    return !envoi_element_first_child(a) == !envoi_element_first_child(b) &&
           (are_roots || !envoi_element_next_sibling(a) == !envoi_element_next_sibling(b));
}

int envoi__match_element(struct envoi__peer *peer, const envoi_element *pattern, const envoi_element *element)
{
    const envoi_element *a = pattern, *b = element;
    int result = 1;
    while (a && b && result == 1) {
        result = same_shape(a, b, a == pattern) ? match_one(peer, a, b) : 0;
        a = next_in(pattern, a);
        b = next_in(element, b);
    }
    return result;
}
