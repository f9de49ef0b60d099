/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_BASE_MEM_H
#define ENVOI_BASE_MEM_H
/* The choke point of memory: no other file below net/ calls malloc and its kin. Tests link with --wrap=malloc and so
 * make the n-th allocation of ours fail, without a hook or a global in the library. */
#include <stddef.h>

void *envoi__alloc(size_t size);                /* NULL on failure; never returns NULL for size 0 */
void *envoi__alloc_zero(size_t size);           /* zeroed */
void *envoi__realloc(void *memory, size_t size); /* memory stays valid on failure */
void envoi__free(void *memory);
char *envoi__strdup(const char *text);                /* NULL in, NULL out */
char *envoi__strndup(const char *text, size_t len);
void envoi__wipe(void *memory, size_t size);          /* overwrite; never optimised away */
void envoi__free_secret(char *text);                  /* wipe, then free; NULL allowed */

#endif
