/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *envoi__alloc(size_t size)
{
    return malloc(size ? size : 1);
}

void *envoi__alloc_zero(size_t size)
{
    void *memory = envoi__alloc(size);
    if (memory)
        memset(memory, 0, size);
    return memory;
}

void *envoi__realloc(void *memory, size_t size)
{
    return realloc(memory, size ? size : 1);
}

void envoi__free(void *memory)
{
    free(memory);
}

char *envoi__strndup(const char *text, size_t len)
{
    char *copy = envoi__alloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *envoi__strdup(const char *text)
{
    return text ? envoi__strndup(text, strlen(text)) : NULL;
}

void envoi__wipe(void *memory, size_t size)
{
    volatile unsigned char *p = memory;
    while (size--)
        *p++ = 0;
}

void envoi__free_secret(char *text)
{
    if (text)
        envoi__wipe(text, strlen(text));
    envoi__free(text);
}
