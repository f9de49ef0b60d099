/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_NET_REPORT_H
#define ENVOI_NET_REPORT_H
/* What was tried and why it failed, for the reason and the text of CLOSED. */

struct envoi__report {
    int error; /* of the failures so far the one that says most; 0: none */
    char text[512];
};

void envoi__report_add(struct envoi__report *report, const char *subject, int error);

#endif
