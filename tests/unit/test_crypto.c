/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "tsv.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/unicode.h"
#include "sasl/crypto.h"
#include "sasl/scram_message.h"

static const char *vectors; /* the folder */

static void hex(const uint8_t *data, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[data[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
    }
    out[2 * len] = '\0';
}

/* FIPS 180-4 examples for the message "abc". */
static const struct {
    enum envoi__hash hash;
    const char *digest;
} abc[] = {
    {ENVOI__SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {ENVOI__SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {ENVOI__SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {ENVOI__SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                    "8086072ba1e7cc2358baeca134c825a7"},
    {ENVOI__SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void test_hash_gives_the_published_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENVOI__COUNT(abc); i++) {
        uint8_t out[ENVOI__HASH_MAX];
        char text[2 * ENVOI__HASH_MAX + 1];
        assert_int_equal(envoi__hash(abc[i].hash, "abc", 3, out), 0);
        hex(out, envoi__hash_size(abc[i].hash), text);
        assert_string_equal(text, abc[i].digest);
    }
}

static void test_pbkdf2_gives_the_same_key_in_slices_of_any_size(void **state)
{
    (void)state;
    static const uint32_t slices[] = {1, 2, 7, 999, 1000, 1001, UINT32_MAX};
    for (size_t h = 0; h < ENVOI__COUNT(abc); h++) {
        uint8_t expected[ENVOI__HASH_MAX];
        for (size_t i = 0; i < ENVOI__COUNT(slices); i++) {
            struct envoi__pbkdf2 *p;
            int done, calls = 0;
            assert_int_equal(envoi__pbkdf2_new(&p, abc[h].hash, "pencil", (const uint8_t *)"salt", 4, 1000),
                             0);
            while ((done = envoi__pbkdf2_run(p, slices[i])) == 0)
                calls++;
            assert_int_equal(done, 1);
            assert_int_equal(calls, 998 / slices[i]);
            if (i == 0)
                memcpy(expected, envoi__pbkdf2_key(p), sizeof expected);
            assert_memory_equal(envoi__pbkdf2_key(p), expected, envoi__hash_size(abc[h].hash));
            envoi__pbkdf2_free(p);
        }
    }
}

static void test_pbkdf2_refuses_no_iterations(void **state)
{
    (void)state;
    struct envoi__pbkdf2 *p = NULL;
    assert_int_equal(envoi__pbkdf2_new(&p, ENVOI__SHA1, "x", NULL, 0, 0), ENVOI_ERR_ARGUMENT);
    assert_null(p);
}

static void test_random_bytes_differ(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
    assert_int_equal(envoi__random(a, sizeof a), 0);
    assert_int_equal(envoi__random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a, zero, sizeof a);
    assert_memory_not_equal(b + 16, zero, 16);
}

static void test_equal_secret_sees_every_byte(void **state)
{
    (void)state;
    uint8_t a[64] = {0}, b[64] = {0};
    assert_true(envoi__equal_secret(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 1;
        assert_false(envoi__equal_secret(a, b, sizeof a));
        b[i] = 0;
    }
}

static int hash_by_name(const char *name, enum envoi__hash *hash)
{
    static const struct {
        const char *name;
        enum envoi__hash hash;
    } names[] = {{"SHA-1", ENVOI__SHA1},
                 {"SHA-224", ENVOI__SHA224},
                 {"SHA-256", ENVOI__SHA256},
                 {"SHA-384", ENVOI__SHA384},
                 {"SHA-512", ENVOI__SHA512}};
    size_t len = strcspn(name, "3") == 3 ? 0 : strlen(name); /* SHA3 */
    if (len > 5 && strcmp(name + len - 5, "-PLUS") == 0)
        len -= 5;
    for (size_t i = 0; i < ENVOI__COUNT(names); i++)
        if (strlen(names[i].name) == len && strncmp(names[i].name, name, len) == 0) {
            *hash = names[i].hash;
            return 1;
        }
    return 0;
}

static void assert_hex(const struct tsv *row, const char *column, const uint8_t *bytes, enum envoi__hash hash)
{
    char text[2 * ENVOI__HASH_MAX + 1];
    hex(bytes, envoi__hash_size(hash), text);
    if (strcmp(text, tsv_get(row, column)) != 0)
        fail_msg("%s: %s is %s", tsv_get(row, "id"), column, text);
}

static void check_hmac(const struct tsv *row, enum envoi__hash hash)
{
    uint8_t key[20], out[ENVOI__HASH_MAX];
    assert_string_equal(tsv_get(row, "input"), "key=0x0b x 20 data=\"Hi There\"");
    memset(key, 0x0b, sizeof key);
    assert_int_equal(envoi__hmac(hash, key, sizeof key, "Hi There", 8, out), 0);
    assert_hex(row, "output", out, hash);
}

static void check_key(const struct tsv *row, const char *column, enum envoi__hash hash, const char *password,
                      const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    struct envoi__pbkdf2 *p;
    assert_int_equal(envoi__pbkdf2_new(&p, hash, password, salt, salt_len, iterations), 0);
    assert_int_equal(envoi__pbkdf2_run(p, UINT32_MAX), 1);
    assert_hex(row, column, envoi__pbkdf2_key(p), hash);
    envoi__pbkdf2_free(p);
}

static void check_pbkdf2(const struct tsv *row, enum envoi__hash hash)
{
    unsigned iterations;
    assert_int_equal(sscanf(tsv_get(row, "input"), "P=password S=salt c=%u", &iterations), 1);
    check_key(row, "output", hash, "password", (const uint8_t *)"salt", 4, iterations);
}

/* SaltedPassword of a whole exchange. */
static void check_scram(const struct tsv *row, enum envoi__hash hash)
{
    struct envoi__scram_first first;
    const char *text = tsv_get(row, "server_first");
    char *password = tsv_json(row, "password_json", NULL), *prepared;
    if (envoi__scram_parse_first(&first, text, strlen(text), 1000000) == 0) {
        assert_int_equal(envoi__saslprep_stored(&prepared, password, strlen(password)), 0);
        check_key(row, "salted_password_hex", hash, prepared, first.salt, first.salt_len, first.iterations);
        envoi__free_secret(prepared);
    } else {
        assert_string_equal(tsv_get(row, "id"), "sasl-004"); /* its salt and count are refused */
    }
    free(password);
}

static void test_published_vectors_come_out(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *prefix;
        void (*check)(const struct tsv *row, enum envoi__hash hash);
        int rows;
    } kinds[] = {
        {"hmac", "", check_hmac, 3}, {"pbkdf2", "", check_pbkdf2, 5}, {"scram", "SCRAM-", check_scram, 26}};
    int seen[ENVOI__COUNT(kinds)] = {0};
    struct tsv *row = tsv_open(vectors, "sasl.tsv");
    while (tsv_next(row)) {
        for (size_t i = 0; i < ENVOI__COUNT(kinds); i++) {
            enum envoi__hash hash;
            if (strcmp(tsv_get(row, "kind"), kinds[i].kind) != 0 ||
                !hash_by_name(tsv_get(row, "mechanism") + strlen(kinds[i].prefix), &hash))
                continue;
            kinds[i].check(row, hash);
            seen[i]++;
        }
    }
    tsv_close(row);
    for (size_t i = 0; i < ENVOI__COUNT(kinds); i++)
        assert_int_equal(seen[i], kinds[i].rows);
}

static int derive(void *user)
{
    (void)user;
    struct envoi__pbkdf2 *p = NULL;
    int error = envoi__pbkdf2_new(&p, ENVOI__SHA256, "pencil", (const uint8_t *)"salt", 4, 2);
    envoi__pbkdf2_free(p);
    return error;
}

static void test_pbkdf2_survives_every_failed_allocation(void **state)
{
    (void)state;
    with_failing_allocations(derive, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    vectors = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_gives_the_published_digests),
        cmocka_unit_test(test_pbkdf2_gives_the_same_key_in_slices_of_any_size),
        cmocka_unit_test(test_pbkdf2_refuses_no_iterations),
        cmocka_unit_test(test_random_bytes_differ),
        cmocka_unit_test(test_equal_secret_sees_every_byte),
        cmocka_unit_test(test_published_vectors_come_out),
        cmocka_unit_test(test_pbkdf2_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
