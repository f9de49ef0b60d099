/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_DATA_DISCO_H
#define ENVOI_DATA_DISCO_H
/* What disco.c and disco_info.c share. */
#include <envoi/disco.h>

/* The <query/> of a result, or the element itself if it is one; NULL: neither. */
const envoi_element *envoi__disco_query(const envoi_element *element, const char *ns);
/* Add a <query/>. NULL: the stanza is marked. */
envoi_element *envoi__disco_append(envoi_element *parent, const char *ns, const char *node);

#endif
