/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_CONFIG_H
#define ENVOI_CONFIG_H
/** @file
 * Options of a stream: who logs in, and how careful it is. Every default is the safe one. A config is copied by
 * envoi_stream_new(), so one config can serve many streams and be freed at any time.
 *
 * Setters need no check line by line: one that fails changes nothing, returns its error and marks the config with
 * the first one, and then envoi_stream_new() returns that.
 */
#include <envoi/api.h>
#include <envoi/error.h>

ENVOI_BEGIN_DECLS

/** Options. Freed with envoi_config_free(). */
typedef struct envoi_config envoi_config;

/** Certificates that are trusted; loaded once and shared by many streams. Freed with envoi_trust_free(). */
typedef struct envoi_trust envoi_trust;

/** How the stream is secured, for envoi_config_set_tls(). */
#define ENVOI_TLS_STARTTLS 1 /**< upgrade by STARTTLS; required, never skipped (RFC 6120 5). The default. */
#define ENVOI_TLS_DIRECT   2 /**< TLS from the first byte (XEP-0368) */
#define ENVOI_TLS_EXTERNAL 3 /**< the transport already is a verified TLS connection to the JID's domain */
#define ENVOI_TLS_LOCAL    4 /**< no TLS, because the transport never leaves this machine: a pipe, AF_UNIX, loopback */

/** Channel binding, for envoi_config_set_channel_binding(). */
#define ENVOI_CHANNEL_BINDING_OFFERED  1 /**< use it wherever the server offers it. The default. */
#define ENVOI_CHANNEL_BINDING_REQUIRED 2 /**< refuse to log in without it */
#define ENVOI_CHANNEL_BINDING_OFF      3 /**< never use it */

/** Limits, for envoi_config_set_limit(); in brackets the default and the range. A roster of about 2,000 contacts is a
 *  stanza of 256 KiB. */
#define ENVOI_LIMIT_STANZA_BYTES 1 /**< bytes of a received stanza [256 KiB; 10,000 to 16 MiB] */
#define ENVOI_LIMIT_DEPTH        2 /**< nested elements in a received stanza [64; 8 to 256] */
#define ENVOI_LIMIT_INPUT_BYTES  3 /**< received bytes that wait for next_event() [64 KiB; 4 KiB to 16 MiB] */
#define ENVOI_LIMIT_OUTPUT_BYTES 4 /**< bytes that wait to be sent [1 MiB; 16 KiB to 256 MiB] */
#define ENVOI_LIMIT_REQUESTS     5 /**< requests that wait for an answer [256; 1 to 65,536] */
#define ENVOI_LIMIT_ITERATIONS   6 /**< highest SCRAM iteration count [10,000,000; 4,096 to 100,000,000] */
#define ENVOI_LIMIT_PASSWORDS    7 /**< passwords tried on one stream [3; 1 to 5] */
#define ENVOI_LIMIT_ATTRIBUTES   8 /**< attributes of one element in a received stanza [64; 16 to 1,024] */
#define ENVOI_LIMIT_LOGIN_BYTES  9 /**< bytes of XML received before the stream is ready [256 KiB; 10,000 to 16 MiB] */

/** Timeouts in milliseconds, for envoi_config_set_timeout(); in brackets the default. 0 switches one off. */
#define ENVOI_TIMEOUT_STREAM  1 /**< stream header and features, each time [30,000] */
#define ENVOI_TIMEOUT_TLS     2 /**< STARTTLS and handshake [30,000] */
#define ENVOI_TIMEOUT_AUTH    3 /**< SASL, not counting the time a person takes to type a password [30,000] */
#define ENVOI_TIMEOUT_BIND    4 /**< resource binding [30,000] */
#define ENVOI_TIMEOUT_LOGIN   5 /**< all of it, from envoi_stream_new() to ready [120,000] */
#define ENVOI_TIMEOUT_STANZA  6 /**< from the first to the last byte of a received stanza [60,000] */
#define ENVOI_TIMEOUT_REQUEST 7 /**< an IQ request that names no timeout of its own [60,000]; cannot be 0 */
#define ENVOI_TIMEOUT_CLOSE   8 /**< for the peer to close the stream after us [5,000]; cannot be 0 */
#define ENVOI_TIMEOUT_KEEPALIVE 9 /**< once ready: after so long without a byte sent a space goes out (RFC 6120 4.6.1) [0] */
#define ENVOI_TIMEOUT_IDLE 10 /**< once ready: after so long without a byte received the server is pinged (XEP-0199). RFC
                                  6120 4.6.4 recommends no less than the default [300,000] */
#define ENVOI_TIMEOUT_PING 11 /**< for any sign of life after that ping, or the stream is over [60,000]; cannot be 0 */

/** Log levels, for envoi_config_set_log(). Each one includes those above it. */
#define ENVOI_LOG_ERROR 1 /**< why a stream failed */
#define ENVOI_LOG_INFO  2 /**< what was negotiated */
#define ENVOI_LOG_DEBUG 3 /**< every state change and every element, without secrets and without message bodies */

/** Receives one line of log, NUL-terminated UTF-8 without a line end, that dies when it returns. It must not call
 *  back into the stream. */
typedef void (*envoi_log_fn)(void *user, int level, const char *line);

/**
 * Make a config with all defaults.
 * @param out  receives the new config; untouched on failure
 * @param jid  the account, such as "juliet@example.com"; a resourcepart becomes the wished resource
 * @return 0, ENVOI_ERR_JID (also for a JID without localpart), ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_config_new(envoi_config **out, const char *jid);

/** Free a config and wipe its password; NULL is allowed. */
ENVOI_API void envoi_config_free(envoi_config *config);

/** The first error that a setter met. @return 0 if there was none; ENVOI_ERR_ARGUMENT for NULL */
ENVOI_API int envoi_config_error(const envoi_config *config);

/** Set the password; it is copied. NULL is ENVOI_ERR_ARGUMENT: leave the call out where there is none. Without one the stream asks by ENVOI_EVENT_PASSWORD.
 *  @return 0, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_password(envoi_config *config, const char *password);

/** Set the wished resource; NULL lets the server choose, which is the default and RFC 6120 7.6. A server may bind
 *  another one than the wished one (7.7), and where it refuses the wish as taken or as malformed, it is asked once to
 *  make one of its own (7.7.3): envoi_stream_jid() and READY tell what came of it.
 *  @return 0, ENVOI_ERR_JID, ENVOI_ERR_UTF8, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_resource(envoi_config *config, const char *resource);

/** Set the language of texts for people on this stream (xml:lang, RFC 5646), "en" by default.
 *  @return 0, ENVOI_ERR_ARGUMENT (not a language tag), ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_lang(envoi_config *config, const char *lang);

/** Choose how the stream is secured. @param mode ENVOI_TLS_* @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_tls(envoi_config *config, int mode);

/** Share a trust store; the config keeps a reference of its own. Without one the system's store is used.
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_trust(envoi_config *config, envoi_trust *trust);

/** Trust the certificates of a PEM file and no others: a trust store for this config alone, in one call. NULL: the
 *  system's store again, the default.
 *  @return 0, ENVOI_ERR_TRUST_STORE (no such file, or no certificate that can be read in it), ENVOI_ERR_ARGUMENT,
 *  ENVOI_ERR_NOMEM; the trust stays as it was on failure */
ENVOI_API int envoi_config_set_trust_file(envoi_config *config, const char *path);

/** Accept one certificate whatever else is wrong with it, known by the SHA-256 of its DER form. For servers that
 *  cannot have a real one. NULL takes it back. @param sha256 32 bytes, copied
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_accept_certificate(envoi_config *config, const unsigned char *sha256);

/** Replace the GnuTLS priority string. TLS below 1.2 stays off whatever it says, and keys weaker than GnuTLS's profile
 *  MEDIUM are refused unless it names a profile (%PROFILE_...) itself.
 *  @return 0, ENVOI_ERR_ARGUMENT (not a priority string), ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_tls_priority(envoi_config *config, const char *priority);

/** Hand over the channel-binding data of a transport that does its own TLS (ENVOI_TLS_EXTERNAL).
 *  @param type "tls-exporter", "tls-server-end-point" or "tls-unique" @param data copied
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_channel_binding_data(envoi_config *config, const char *type, const void *data,
                                                    size_t len);

/** Choose whether SASL is bound to the TLS channel. @param mode ENVOI_CHANNEL_BINDING_*
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_channel_binding(envoi_config *config, int mode);

/** Act for another account than one's own, if the server lets this user do so (RFC 6120 6.3.8). The password, and the
 *  "from" of the stream, stay those of the config's JID; the JID that is bound is the other account's. NULL takes it
 *  back. Without one the server derives the account, which is the config's own; that one is never named again to a
 *  server, but by EXTERNAL, for a certificate may be good for several accounts (XEP-0178 2).
 *  @param jid  a bare JID; copied
 *  @return 0, ENVOI_ERR_JID (also for a JID without localpart or with a resourcepart), ENVOI_ERR_UTF8,
 *  ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_authzid(envoi_config *config, const char *jid);

/**
 * Log in by a certificate of one's own (RFC 6120 6.3.4, XEP-0178): it is shown inside TLS to a server that asks for one,
 * and if the server then offers SASL EXTERNAL, that is used first. A password, if there is one, is for servers that do
 * not offer EXTERNAL, or refuse the certificate. All NULL and 0 takes it back.
 * @param certificate  PEM (RFC 7468 5): the certificate, then those of its issuers, 16 at the most; copied
 * @param key          its key, PEM without encryption; copied
 * @return 0, ENVOI_ERR_OWN_CERTIFICATE (one cannot be read, or the key is another certificate's), ENVOI_ERR_ARGUMENT,
 *  ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_config_set_certificate(envoi_config *config, const void *certificate, size_t certificate_len,
                                           const void *key, size_t key_len);

/** The same from two files; one file may hold both, and be named twice. Both NULL takes it back.
 *  @return as envoi_config_set_certificate(); ENVOI_ERR_OWN_CERTIFICATE also where there is no such file */
ENVOI_API int envoi_config_set_certificate_files(envoi_config *config, const char *certificate_path,
                                                 const char *key_path);

/** Allow a mechanism that is off by default: "PLAIN", which is used inside verified TLS alone, and only when the server
 *  offers no SCRAM; "EXTERNAL", for a transport that itself has told the server who this is, by a client certificate in
 *  its own TLS or by a local socket (it needs no permission after envoi_config_set_certificate()).
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_UNSUPPORTED (no such mechanism here), ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_allow_mechanism(envoi_config *config, const char *mechanism);

/** Take incoming IQ requests with this payload into the program's own hands: they come as ENVOI_EVENT_STANZA and the
 *  program must answer each. All others are answered by the stream: pings (XEP-0199) of the account's own server with a
 *  result, the rest with `service-unavailable` (RFC 6120 8.4).
 *  @param ns namespace of the request's payload @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_accept_iq(envoi_config *config, const char *ns);

/** Set a limit. @param limit ENVOI_LIMIT_*
 *  @return 0, ENVOI_ERR_ARGUMENT (unknown, or outside its range), ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_limit(envoi_config *config, int limit, uint64_t value);

/** Set a timeout. @param timeout ENVOI_TIMEOUT_* @param ms milliseconds, at most 24 hours
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_timeout(envoi_config *config, int timeout, uint64_t ms);

/** Receive log lines up to a level; off by default.
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_set_log(envoi_config *config, int level, envoi_log_fn fn, void *user);

/** Let the log show message bodies too. Passwords and SASL data never show.
 *  @return 0, ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_config_log_bodies(envoi_config *config, int on);

/** The account's bare JID. @return a view that lives as long as the config */
ENVOI_API const char *envoi_config_jid(const envoi_config *config);

/** The account's domain as DNS wants it (A-labels). @return a view that lives as long as the config */
ENVOI_API const char *envoi_config_domain(const envoi_config *config);

/** How streams of this config are secured. @return ENVOI_TLS_* */
ENVOI_API int envoi_config_tls(const envoi_config *config);

/**
 * Make an empty trust store.
 *
 * Fill it first, then share it by envoi_config_set_trust(): from the moment the first stream begins TLS with it, it
 * never changes any more, so that streams of several threads can read it at once. A certificate that is in the store is
 * trusted itself, be it that of an issuer or a server's own (self-signed) one. Keys must be
 * as strong as RSA of 2048 bits, and signatures by SHA-1 do not count.
 *
 * @param out  receives the new store; untouched on failure
 * @return 0, ENVOI_ERR_ARGUMENT (out is NULL), ENVOI_ERR_NOMEM
 */
ENVOI_API int envoi_trust_new(envoi_trust **out);

/** Give up the program's reference; NULL is allowed. The store lives until its last config and stream are gone. */
ENVOI_API void envoi_trust_free(envoi_trust *trust);

/** Add the certificates that this system trusts.
 *  @return 0, ENVOI_ERR_TRUST_STORE (the system has none), ENVOI_ERR_STATE (the store is in use by a stream),
 *  ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_trust_add_system(envoi_trust *trust);

/** Add the certificates of a PEM file (RFC 7468 5).
 *  @return 0, ENVOI_ERR_TRUST_STORE (no such file, or no certificate that can be read in it), ENVOI_ERR_STATE (the
 *  store is in use by a stream), ENVOI_ERR_ARGUMENT, ENVOI_ERR_NOMEM */
ENVOI_API int envoi_trust_add_file(envoi_trust *trust, const char *path);

/** Add certificates in PEM form; they are copied. @return as envoi_trust_add_file() */
ENVOI_API int envoi_trust_add_pem(envoi_trust *trust, const void *pem, size_t len);

ENVOI_END_DECLS

#endif
