/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STREAM_REQUESTS_H
#define ENVOI_STREAM_REQUESTS_H
/* IQ requests that wait for their one answer, matched by id and sender (RFC 6120 8.1.2.1 and 8.1.3): a right
 * id from another sender is a forgery. An id ends in the number of its slot, so finding it takes one
 * comparison. */
#include <envoi/jid.h>
#include <envoi/stanza.h>

#include <stddef.h>
#include <stdint.h>

enum { ENVOI__REQUEST_ID_SIZE = 33 };

/* Slots are in one of two lists: the free ones, and those in use by age. A link is the slot's number plus 1, 0 for
 * none, for the slots may move. */
struct envoi__request {
    uint64_t token; /* 0: the slot is free */
    uint64_t deadline;
    envoi_jid *to; /* NULL: the account itself */
    uint32_t older, newer;
    int outcome; /* 0: open; else the error that its REPLY will carry */
    char id[ENVOI__REQUEST_ID_SIZE];
};

struct envoi__requests {
    struct envoi__request *slots;
    size_t count, open, settled;     /* slots, those in use, those with an outcome */
    uint32_t oldest, newest;         /* of those in use */
    uint32_t spare;                  /* the first free one; `newer` leads to the next */
    uint64_t last_token, last_timed; /* the newest of all; the newest whose deadline stands */
    uint64_t deadline;               /* no request is due before; UINT64_MAX: none */
};

void envoi__requests_init(struct envoi__requests *requests);
void envoi__requests_free(struct envoi__requests *requests);
/* Make room for one: a slot with id and address but no token. 0, ENVOI_ERR_FULL, ENVOI_ERR_JID,
 * ENVOI_ERR_NOMEM, ENVOI_ERR_UNSUPPORTED. */
int envoi__requests_prepare(struct envoi__requests *requests, size_t limit, const char *to,
                            struct envoi__request **out);
void envoi__requests_start(struct envoi__requests *requests, struct envoi__request *request, uint64_t deadline);
void envoi__requests_finish(struct envoi__requests *requests, struct envoi__request *request); /* frees the slot */
int envoi__requests_make_id(char id[ENVOI__REQUEST_ID_SIZE], size_t slot); /* 0, or ENVOI_ERR_UNSUPPORTED */
/* 1 if `from` (NULL: none) may answer what was sent to `to` (NULL: the account itself), else 0;
 * ENVOI_ERR_NOMEM. */
int envoi__requests_sender_fits(const envoi_jid *to, const char *from, const envoi_jid *own);
/* *out becomes the request that this result or error answers, NULL if there is none. own: our full JID. 0,
 * ENVOI_ERR_NOMEM. */
int envoi__requests_match(struct envoi__requests *requests, const envoi_element *iq, const envoi_jid *own,
                          struct envoi__request **out);
int envoi__requests_cancel(struct envoi__requests *requests, uint64_t token, int outcome);
void envoi__requests_settle_all(struct envoi__requests *requests, int outcome);
/* The time has come on by so much since the newest requests were started: theirs runs from now. */
void envoi__requests_postpone(struct envoi__requests *requests, uint64_t ms);
void envoi__requests_expire(struct envoi__requests *requests, uint64_t now);
/* One that has an outcome and waits to be told; NULL if there is none. */
struct envoi__request *envoi__requests_settled(struct envoi__requests *requests);

#endif
