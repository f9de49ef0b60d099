/* SPDX-License-Identifier: MIT */
/* base64: what is decoded encodes to the same text again, for only the canonical text is taken; and any bytes
 * come back from their text. */
#include "fuzz.h"

#include "base/base64.h"
#include <envoi/error.h>
#include <string.h>

static void check_text(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size / 4 * 3 + 1);
    size_t len = 0;
    FUZZ_CHECK(bytes != NULL);
    int error = envoi__base64_decode((const char *)data, size, bytes, &len);
    FUZZ_CHECK(error == 0 || (error == ENVOI_ERR_BASE64 && len == 0));
    if (!error) {
        char *text = malloc(ENVOI__BASE64_SIZE(len) + 1);
        FUZZ_CHECK(text && len <= size / 4 * 3 && ENVOI__BASE64_SIZE(len) == size);
        envoi__base64_encode(bytes, len, text);
        FUZZ_CHECK(memcmp(text, data, size) == 0 && text[size] == '\0');
        free(text);
    }
    free(bytes);
}

static void check_bytes(const uint8_t *data, size_t size)
{
    size_t text_len = ENVOI__BASE64_SIZE(size), len = 0;
    char *text = malloc(text_len + 1);
    uint8_t *back = malloc(text_len / 4 * 3 + 1);
    FUZZ_CHECK(text && back);
    envoi__base64_encode(data, size, text);
    FUZZ_CHECK(strlen(text) == text_len && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                        "0123456789+/=") == text_len);
    FUZZ_CHECK(envoi__base64_decode(text, text_len, back, &len) == 0);
    FUZZ_CHECK(len == size && memcmp(back, data, size) == 0);
    free(back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        check_text(data, size);
        check_bytes(data, size);
    }
    return 0;
}
