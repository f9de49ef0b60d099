/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_SIGNALS_H
#define EXAMPLES_SIGNALS_H
/* Ctrl-C and SIGTERM as a flag. */

/* From here on the first of these signals only sets the flag, and interrupts whatever waits; a second one ends the
 * program at once. */
void signals_catch(void);

/* 1 once a signal came. */
int signals_caught(void);

#endif
