#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "server/auth.h"

/* RFC 7677, section 3: user "user", password "pencil", this salt, 4096 iterations. */
#define SALT  "W22ZaJ0SNY7soEsUEjb6gQ=="
#define KEYS  "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define ENTRY "SCRAM-SHA-256$4096:" SALT "$" KEYS

static Scram *scram;
static Buffer reply;
static Error err;

static void
setup(void)
{
    scram = NULL;
    reply = (Buffer){0};
    err = ERROR_INIT;
}

static void
teardown(void)
{
    scram_free(scram);
    buffer_deinit(&reply);
    error_clear(&err);
}

/* A copy without a byte to spare behind it. */
static bool
first(const char *message, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, message, size);
    bool ok = scram_first(scram, slice_make(copy, size), &reply, &err);
    free(copy);
    return ok;
}

typedef struct Proof {
    Buffer message; /* client-final-message */
    unsigned char server_signature[SCRAM_KEY];
} Proof;

/* What a client makes of the server's first message: RFC 5802, section 3, with a binding as it is given. */
static Proof
client_final(const char *password, const char *client_first_bare, const char *binding)
{
    Proof proof = {0};
    char nonce[128], salt_text[64];
    int iterations;
    ck_assert_int_eq(sscanf(buffer_text(&reply), "r=%127[^,],s=%63[^,],i=%d", nonce, salt_text, &iterations), 3);
    unsigned char salt[64], salted[SCRAM_KEY], client_key[SCRAM_KEY], stored_key[SCRAM_KEY], server_key[SCRAM_KEY],
        signature[SCRAM_KEY];
    int salt_size = scram_base64_decode(slice_of(salt_text), salt, sizeof salt);
    ck_assert_int_gt(salt_size, 0);
    PKCS5_PBKDF2_HMAC(password, (int) strlen(password), salt, salt_size, iterations, EVP_sha256(), SCRAM_KEY, salted);
    scram_hmac(salted, SCRAM_KEY, "Client Key", 10, client_key);
    scram_hmac(salted, SCRAM_KEY, "Server Key", 10, server_key);
    scram_sha256(client_key, SCRAM_KEY, stored_key);
    buffer_printf(&proof.message, "c=%s,r=%s", binding, nonce);
    Buffer signed_text = {0};
    buffer_printf(&signed_text, "%s,%s,", client_first_bare, buffer_text(&reply));
    buffer_append_slice(&signed_text, buffer_slice(&proof.message));
    scram_hmac(stored_key, SCRAM_KEY, signed_text.bytes, signed_text.size, signature);
    scram_hmac(server_key, SCRAM_KEY, signed_text.bytes, signed_text.size, proof.server_signature);
    for (int i = 0; i < SCRAM_KEY; i++)
        client_key[i] ^= signature[i];
    buffer_append_text(&proof.message, ",p=");
    scram_base64_append(&proof.message, client_key, SCRAM_KEY);
    buffer_deinit(&signed_text);
    return proof;
}

static bool
exchange(const char *verifier, const char *password)
{
    scram = scram_new(verifier);
    ck_assert(first("n,,n=user,r=abcdef", 18));
    Proof proof = client_final(password, "n=user,r=abcdef", "biws");
    buffer_clear(&reply);
    bool ok = scram_final(scram, buffer_slice(&proof.message), &reply, &err);
    if (ok) {
        Buffer expected = {0};
        buffer_append_text(&expected, "v=");
        scram_base64_append(&expected, proof.server_signature, SCRAM_KEY);
        ck_assert_str_eq(buffer_text(&reply), buffer_text(&expected));
        buffer_deinit(&expected);
    }
    buffer_deinit(&proof.message);
    return ok;
}

START_TEST(the_right_password_is_taken_and_the_server_proves_itself)
{
    ck_assert_msg(exchange(ENTRY, "pencil"), "%s", err.message);
}
END_TEST

START_TEST(a_verifier_made_here_takes_its_password)
{
    char *verifier = scram_make_verifier(slice_of("gr\xc3\xbcn $:,= 1"));
    bool ok = exchange(verifier, "gr\xc3\xbcn $:,= 1");
    free(verifier);
    ck_assert_msg(ok, "%s", err.message);
}
END_TEST

START_TEST(a_wrong_password_is_refused)
{
    static const char *const wrong[] = {"Pencil", "pencil ", "", "x"};
    ck_assert(!exchange(ENTRY, wrong[_i]));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PASSWORD);
    ck_assert_uint_eq(reply.size, 0);
}
END_TEST

START_TEST(who_has_no_password_is_asked_for_one_and_refused)
{
    ck_assert(!exchange(NULL, "pencil"));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PASSWORD);
}
END_TEST

START_TEST(a_verifier_that_cannot_be_read_lets_nobody_in)
{
    static const char *const damaged[] = {
        "",
        "md5",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256$",
        "SCRAM-SHA-256$0:" SALT "$" KEYS,
        "SCRAM-SHA-256$4096:$" KEYS,
        "SCRAM-SHA-256$4096:" SALT "$AAAA:AAAA",
        "SCRAM-SHA-256$4096:" SALT "$",
        "SCRAM-SHA-1$4096:" SALT "$" KEYS,
    };
    ck_assert(!exchange(damaged[_i], "pencil"));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PASSWORD);
}
END_TEST

START_TEST(the_servers_first_message_extends_the_nonce)
{
    scram = scram_new(ENTRY);
    ck_assert(first("y,,n=,r=rOprNGfwEbeRWgbNEkqO", 28));
    ck_assert_ptr_eq(strstr(buffer_text(&reply), "r=rOprNGfwEbeRWgbNEkqO"), buffer_text(&reply));
    ck_assert_ptr_nonnull(strstr(buffer_text(&reply), ",s=" SALT ",i=4096"));
    ck_assert(strchr(buffer_text(&reply), ',') > reply.bytes + 30);
}
END_TEST

START_TEST(a_first_message_that_makes_no_sense_is_refused)
{
    static const char *const messages[] = {
        "",           "n",      "n,",      "n,,",       ",,n=u,r=abc",  "x,,n=u,r=abc",
        "n,,u,r=abc", "n,,n=u", "n,,n=u,", "n,,n=u,r=", "n,,n=u,x=abc", "nn,,n=u,r=abc"};
    scram = scram_new(ENTRY);
    ck_assert(!first(messages[_i], strlen(messages[_i])));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(channel_binding_is_not_offered)
{
    scram = scram_new(ENTRY);
    ck_assert(!first("p=tls-server-end-point,,n=u,r=abc", 33));
    ck_assert_str_eq(err.message, "channel binding is not supported");
}
END_TEST

START_TEST(a_final_message_before_the_first_is_refused)
{
    scram = scram_new(ENTRY);
    ck_assert(!scram_final(scram, slice_of("c=biws,r=abc,p=AAAA"), &reply, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION);
}
END_TEST

START_TEST(a_final_message_with_another_nonce_binding_or_proof_is_refused)
{
    static const char *const messages[] = {"c=biws,r=abcdef,p=AAAA",
                                           "c=eSws,r=abcdef,p=AAAA",
                                           "c=biws,r=,p=",
                                           "c=biws,r=abcdef",
                                           "",
                                           "p=",
                                           ",p=",
                                           "c,r,p=AAAA",
                                           "c=biws,p=AAAA"};
    scram = scram_new(ENTRY);
    ck_assert(first("n,,n=user,r=abcdef", 18));
    ck_assert(!scram_final(scram, slice_of(messages[_i]), &reply, &err));
    ck_assert(strcmp(err.sqlstate, SQLSTATE_INVALID_PASSWORD) == 0 ||
              strcmp(err.sqlstate, SQLSTATE_PROTOCOL_VIOLATION) == 0);
}
END_TEST

START_TEST(a_proof_for_another_binding_is_refused)
{
    scram = scram_new(ENTRY);
    ck_assert(first("n,,n=user,r=abcdef", 18));
    Proof proof = client_final("pencil", "n=user,r=abcdef", "eSws");
    ck_assert(!scram_final(scram, buffer_slice(&proof.message), &reply, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_PASSWORD);
    buffer_deinit(&proof.message);
}
END_TEST

Suite *suite_server_auth(void);

Suite *
suite_server_auth(void)
{
    Suite *suite = suite_create("server auth");
    TCase *tcase = tcase_create("auth");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_right_password_is_taken_and_the_server_proves_itself);
    tcase_add_test(tcase, a_verifier_made_here_takes_its_password);
    tcase_add_loop_test(tcase, a_wrong_password_is_refused, 0, 4);
    tcase_add_test(tcase, who_has_no_password_is_asked_for_one_and_refused);
    tcase_add_loop_test(tcase, a_verifier_that_cannot_be_read_lets_nobody_in, 0, 9);
    tcase_add_test(tcase, the_servers_first_message_extends_the_nonce);
    tcase_add_loop_test(tcase, a_first_message_that_makes_no_sense_is_refused, 0, 12);
    tcase_add_test(tcase, channel_binding_is_not_offered);
    tcase_add_test(tcase, a_final_message_before_the_first_is_refused);
    tcase_add_loop_test(tcase, a_final_message_with_another_nonce_binding_or_proof_is_refused, 0, 9);
    tcase_add_test(tcase, a_proof_for_another_binding_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
