/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_UNICODE_TABLES_H
#define ENVOI_BASE_UNICODE_TABLES_H
/* The fixed sets of code points of stringprep (RFC 3454), which stay at Unicode 3.2 for ever. */
#include <stddef.h>
#include <stdint.h>

struct envoi__range {
    uint32_t first, last;
};

enum envoi__saslprep_set {
    ENVOI__SASLPREP_SPACE,      /* C.1.2: becomes U+0020 */
    ENVOI__SASLPREP_NOTHING,    /* B.1: becomes nothing */
    ENVOI__SASLPREP_PROHIBITED, /* C.1.2, C.2.1, C.2.2, C.3 to C.9 */
    ENVOI__SASLPREP_UNASSIGNED, /* A.1 */
    ENVOI__SASLPREP_RIGHT,      /* D.1: RandALCat */
    ENVOI__SASLPREP_LEFT,       /* D.2: LCat */
};

int envoi__saslprep_has(enum envoi__saslprep_set set, uint32_t code);

#endif
