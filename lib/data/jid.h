/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_JID_H
#define ENVOI_DATA_JID_H
#include <envoi/jid.h>
#include <stddef.h>

/* envoi_jid_parse() for a text of `len` bytes that need not end with a NUL; a NUL inside makes it no JID. */
int envoi__jid_parse(envoi_jid **out, const char *text, size_t len);

#endif
