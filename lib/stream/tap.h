/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_STREAM_TAP_H
#define ENVOI_STREAM_TAP_H
/* Somebody who listens to a stream and changes nothing. Bytes are those inside TLS. */
#include <envoi/event.h>
#include <envoi/stanza.h>

enum envoi__verb {
    ENVOI__CALL_SEND,
    ENVOI__CALL_SEND_IQ,
    ENVOI__CALL_CANCEL,
    ENVOI__CALL_PASSWORD, /* number: 1 if there was one */
    ENVOI__CALL_CLOSE
};

/* A call of the program's, when it is done. */
struct envoi__call {
    enum envoi__verb verb;
    const envoi_stanza *stanza;
    uint64_t number; /* a timeout, a token */
    int result;
};

struct envoi__tap {
    /* One item was read, before the stream acts on it. `item` is an enum envoi__read or an error; then the bytes are
     * all that wait. */
    void (*received)(void *user, int item, const uint8_t *bytes, size_t len, const envoi_element *element);
    void (*sent)(void *user, const uint8_t *bytes, size_t len); /* written, not yet on its way */
    void (*event)(void *user, const envoi_event *event);        /* the program gets it; NULL: nothing more for now */
    void (*called)(void *user, const struct envoi__call *call);
    void (*passed)(void *user, uint64_t ms);
    void (*freed)(void *user); /* the stream is gone */
};

#endif
