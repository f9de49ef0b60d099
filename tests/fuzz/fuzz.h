/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_FUZZ_H
#define ENVOI_TESTS_FUZZ_H
/* What the fuzz targets share. A target is one function of libFuzzer's shape; replay.c calls the same
 * function with every seed and past finding, so that each build tests them. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the library; where it is broken the input is a finding. */
#define FUZZ_CHECK(promise)                                                                                          \
    do {                                                                                                             \
        if (!(promise)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise);                                    \
            abort();                                                                                                 \
        }                                                                                                            \
    } while (0)

/* An input that is taken from the front. */
struct fuzz_input {
    const uint8_t *at, *end;
};

static inline size_t fuzz_left(const struct fuzz_input *input)
{
    return (size_t)(input->end - input->at);
}

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

/* All up to the next byte of 0, which is passed over. */
static inline struct fuzz_input fuzz_chunk(struct fuzz_input *input)
{
    struct fuzz_input chunk = {input->at, input->at};
    while (chunk.end < input->end && *chunk.end)
        chunk.end++;
    input->at = chunk.end < input->end ? chunk.end + 1 : chunk.end;
    return chunk;
}

/* A copy that ends where the text ends, so that reading behind it is found out; freed by the caller. */
char *fuzz_text(struct fuzz_input chunk);

/* Randomness that every run gets the same: the n-th call is filled with the byte n (predictable.c). */
void fuzz_reset_random(void);

#endif
