/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_STANZA_CHECK_H
#define ENVOI_DATA_STANZA_CHECK_H
/* What a stanza must be before it may be sent (RFC 6120 8). */
#include <envoi/element.h>

int envoi__stanza_check(const envoi_element *stanza); /* 0, or ENVOI_ERR_STANZA */

#endif
