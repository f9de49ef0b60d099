/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_REPLAY_NAMES_H
#define ENVOI_REPLAY_NAMES_H
/* The words of transcripts. */
#include <stddef.h>

/* In the order of ENVOI_LIMIT_* and ENVOI_TIMEOUT_*, which begin with 1. NULL: there is no more. */
const char *envoi__limit_name(size_t limit);
const char *envoi__timeout_name(size_t timeout);
const char *envoi__tls_name(size_t mode); /* of ENVOI_TLS_*; NULL: no such mode */
const char *envoi__event_name(int type);  /* of ENVOI_EVENT_*; "?": unknown */
const char *envoi__error_word(int error); /* "OK", or the constant's name without its prefix */
/* The type of channel binding whose data an option of `A: connect` brings, and the option's name. NULL: none. */
const char *envoi__binding_type(const char *option);
const char *envoi__binding_option(const char *type);

/* The password of every recording, in place of the one that was used. */
#define ENVOI__REPLAY_PASSWORD "secret"

#endif
