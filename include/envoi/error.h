/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_ERROR_H
#define ENVOI_ERROR_H
/** @file
 * Errors: 0 is success, everything else is one of the negative constants below. A constant never changes its
 * value. The hundreds are the class (envoi_error_class()), which is what most programs branch on.
 */
#include <envoi/api.h>

ENVOI_BEGIN_DECLS

/** Success; also the reason of a stream that was closed in order. */
#define ENVOI_OK 0

/** Classes: what kind of thing went wrong, and so who can mend it. */
#define ENVOI_CLASS_NONE      0 /**< no error */
#define ENVOI_CLASS_USAGE     1 /**< the call was wrong: mend the program */
#define ENVOI_CLASS_MEMORY    2 /**< an allocation failed */
#define ENVOI_CLASS_LIMIT     3 /**< a bound was reached: take events, send output, or raise the limit */
#define ENVOI_CLASS_TRANSPORT 4 /**< the network, or the name of the host */
#define ENVOI_CLASS_TLS       5 /**< encryption or the server's certificate */
#define ENVOI_CLASS_AUTH      6 /**< user name, password, mechanism, or a server that could not prove itself */
#define ENVOI_CLASS_STREAM    7 /**< the protocol: the peer broke it or reported an error */
#define ENVOI_CLASS_TIMEOUT   8 /**< a deadline passed */
#define ENVOI_CLASS_DATA      9 /**< a text or element given to a parser or setter is not valid */

/* usage */
#define ENVOI_ERR_STATE       -101 /**< the call makes no sense now; nothing was changed */
#define ENVOI_ERR_ARGUMENT    -102 /**< an argument is NULL or out of its range */
#define ENVOI_ERR_UNSUPPORTED -103 /**< this build, or this version of a dependency, cannot do it */
#define ENVOI_ERR_CANCELLED   -104 /**< the program gave up the request */
/* memory */
#define ENVOI_ERR_NOMEM -201 /**< out of memory */
/* limits */
#define ENVOI_ERR_FULL               -301 /**< a bounded buffer or table is full; try again after draining it */
#define ENVOI_ERR_TOO_LARGE          -302 /**< the value can never fit */
#define ENVOI_ERR_STANZA_TOO_LARGE   -311 /**< a stanza passed the byte limit */
#define ENVOI_ERR_TOO_DEEP           -312 /**< elements nested past the depth limit */
#define ENVOI_ERR_TOO_MANY_ATTRIBUTES -313 /**< an element carries too many attributes */
#define ENVOI_ERR_NAME_TOO_LONG      -314 /**< an element or attribute name is too long */
#define ENVOI_ERR_VALUE_TOO_LONG     -315 /**< an attribute value is too long */
#define ENVOI_ERR_LOGIN_TOO_LARGE    -316 /**< too many bytes came before the stream was ready */
/* transport */
#define ENVOI_ERR_TRANSPORT           -401 /**< reading or writing failed */
#define ENVOI_ERR_EOF                 -402 /**< the connection ended without a closed stream */
#define ENVOI_ERR_RESET               -403 /**< the peer reset the connection */
#define ENVOI_ERR_HOST_NOT_FOUND      -404 /**< the domain has no SRV record and no address */
#define ENVOI_ERR_DNS                 -405 /**< the name server failed or did not answer */
#define ENVOI_ERR_SERVICE_NOT_OFFERED -406 /**< the domain says by SRV target "." that it offers no XMPP */
#define ENVOI_ERR_REFUSED             -407 /**< every address refused the connection */
#define ENVOI_ERR_UNREACHABLE         -408 /**< no route to any address */
#define ENVOI_ERR_AGAIN               -409 /**< for transport callbacks: would block, nothing was done */
/* TLS */
#define ENVOI_ERR_TLS_REQUIRED       -501 /**< the server offers no TLS, and TLS is required */
#define ENVOI_ERR_TLS_REFUSED        -502 /**< the server refused STARTTLS */
#define ENVOI_ERR_TLS_INJECTION      -503 /**< bytes in the clear behind <proceed/> */
#define ENVOI_ERR_TLS_HANDSHAKE      -504 /**< the handshake failed: no common version or cipher, or an alert */
#define ENVOI_ERR_TLS_TRUNCATED      -505 /**< the connection ended without close_notify */
#define ENVOI_ERR_TLS_RECORD         -506 /**< a record could not be decrypted, or renegotiation was asked */
#define ENVOI_ERR_TRUST_STORE        -507 /**< no trusted certificate could be loaded */
#define ENVOI_ERR_OWN_CERTIFICATE    -508 /**< the client's own certificate or key cannot be read, or they do not match */
#define ENVOI_ERR_CERT_UNTRUSTED     -511 /**< the issuer is not trusted */
#define ENVOI_ERR_CERT_EXPIRED       -512 /**< the certificate's time has passed */
#define ENVOI_ERR_CERT_NOT_YET_VALID -513 /**< the certificate's time has not begun */
#define ENVOI_ERR_CERT_WRONG_HOST    -514 /**< the certificate is for another domain */
#define ENVOI_ERR_CERT_SELF_SIGNED   -515 /**< the certificate is signed by itself and not trusted */
#define ENVOI_ERR_CERT_REVOKED       -516 /**< the certificate was revoked */
#define ENVOI_ERR_CERT_INVALID       -517 /**< the certificate may not be used so: purpose, key, signature */
/* authentication */
#define ENVOI_ERR_AUTH_REJECTED            -601 /**< not-authorized: user name or password is wrong */
#define ENVOI_ERR_AUTH_NO_MECHANISM        -602 /**< no mechanism of the offer is allowed here */
#define ENVOI_ERR_AUTH_SERVER_UNVERIFIED   -603 /**< the server could not prove that it knows the password */
#define ENVOI_ERR_AUTH_MALFORMED           -604 /**< a challenge does not follow the mechanism */
#define ENVOI_ERR_AUTH_PARAMETERS          -605 /**< iteration count or salt outside the bounds */
#define ENVOI_ERR_AUTH_ACCOUNT_DISABLED    -606 /**< account-disabled */
#define ENVOI_ERR_AUTH_CREDENTIALS_EXPIRED -607 /**< credentials-expired */
#define ENVOI_ERR_AUTH_ENCRYPTION_REQUIRED -608 /**< encryption-required, or STARTTLS is and this stream has none */
#define ENVOI_ERR_AUTH_TEMPORARY           -609 /**< temporary-auth-failure: try again later */
#define ENVOI_ERR_AUTH_ABORTED             -610 /**< aborted */
#define ENVOI_ERR_AUTH_PROTOCOL            -611 /**< the server refused our SCRAM message: its e= */
#define ENVOI_ERR_AUTH_INCORRECT_ENCODING  -612 /**< incorrect-encoding: the server cannot decode our base64 */
#define ENVOI_ERR_AUTH_INVALID_AUTHZID     -613 /**< invalid-authzid: one may not act for that account */
#define ENVOI_ERR_AUTH_INVALID_MECHANISM   -614 /**< invalid-mechanism: the server does not take what it offered */
#define ENVOI_ERR_AUTH_MALFORMED_REQUEST   -615 /**< malformed-request: the server finds our message malformed */
#define ENVOI_ERR_AUTH_MECHANISM_TOO_WEAK  -616 /**< mechanism-too-weak: the server demands a stronger mechanism */
#define ENVOI_ERR_AUTH_PASSWORD            -620 /**< the user name or password holds characters that are not allowed */
#define ENVOI_ERR_AUTH_CHANNEL_BINDING     -621 /**< channel binding is required and cannot be had, or does not match */
/* stream */
#define ENVOI_ERR_STREAM_ERROR    -701 /**< the peer sent a stream error; see the condition */
#define ENVOI_ERR_CONFLICT        -702 /**< stream error conflict: another session took the resource */
#define ENVOI_ERR_SYSTEM_SHUTDOWN -703 /**< stream error system-shutdown */
#define ENVOI_ERR_SEE_OTHER_HOST  -704 /**< stream error see-other-host */
#define ENVOI_ERR_HOST_UNKNOWN    -705 /**< stream error host-unknown or host-gone: the server does not serve the domain */
#define ENVOI_ERR_NOT_AUTHORIZED  -706 /**< stream error not-authorized */
#define ENVOI_ERR_POLICY          -707 /**< stream error policy-violation or resource-constraint */
#define ENVOI_ERR_XML_MALFORMED   -720 /**< the peer's XML is not well-formed */
#define ENVOI_ERR_XML_RESTRICTED  -721 /**< DOCTYPE, comment, processing instruction or entity (RFC 6120 11.1) */
#define ENVOI_ERR_XML_ENCODING    -722 /**< not UTF-8 */
#define ENVOI_ERR_BAD_NAMESPACE   -723 /**< a wrong or undeclared namespace */
#define ENVOI_ERR_STREAM_HEADER   -724 /**< the peer's stream header breaks RFC 6120 4.7 */
#define ENVOI_ERR_UNEXPECTED      -725 /**< an element that is not legal in this state */
#define ENVOI_ERR_NO_FEATURE      -726 /**< the server does not offer resource binding */
#define ENVOI_ERR_FEATURE_REQUIRED -727 /**< the server demands a stream feature that this library does not know */
#define ENVOI_ERR_BIND            -730 /**< resource binding was refused; see the condition */
#define ENVOI_ERR_STANZA_ERROR    -731 /**< the request was answered by a stanza error */
/* timeouts */
#define ENVOI_ERR_TIMEOUT_CONNECT -801 /**< no address accepted the connection in time */
#define ENVOI_ERR_TIMEOUT_TLS     -802 /**< the TLS handshake took too long */
#define ENVOI_ERR_TIMEOUT_AUTH    -803 /**< authentication took too long */
#define ENVOI_ERR_TIMEOUT_STREAM  -804 /**< stream header or features did not come in time */
#define ENVOI_ERR_TIMEOUT_BIND    -805 /**< resource binding took too long */
#define ENVOI_ERR_TIMEOUT_REQUEST -806 /**< a request was not answered in time */
#define ENVOI_ERR_TIMEOUT_CLOSE   -807 /**< the peer did not close the stream in time */
#define ENVOI_ERR_TIMEOUT_LOGIN   -808 /**< the whole login took too long */
#define ENVOI_ERR_TIMEOUT_STANZA  -809 /**< a stanza was begun and not finished in time */
#define ENVOI_ERR_TIMEOUT_PING    -810 /**< the peer fell silent, and showed no sign of life after a ping */
/* data */
#define ENVOI_ERR_JID       -901 /**< not a JID (RFC 7622) */
#define ENVOI_ERR_UTF8      -902 /**< not UTF-8 */
#define ENVOI_ERR_XML_CHAR  -903 /**< a character that XML cannot carry */
#define ENVOI_ERR_XML_NAME  -904 /**< not a name that XML allows */
#define ENVOI_ERR_URI       -905 /**< not an xmpp: URI or IRI (RFC 5122) */
#define ENVOI_ERR_BASE64    -906 /**< not base64 (RFC 4648 4, strict) */
#define ENVOI_ERR_STANZA    -907 /**< an element is not what the parser expects, or lacks what it must have */
#define ENVOI_ERR_FORM      -908 /**< not a data form, or a value does not fit its field (XEP-0004) */
#define ENVOI_ERR_NOT_FOUND -909 /**< there is no such entry */
#define ENVOI_ERR_TRANSCRIPT -920 /**< not a transcript, or something else happened than it says */

/**
 * The class of an error.
 * @return one of ENVOI_CLASS_*; ENVOI_CLASS_NONE for 0 and for numbers that are no error.
 */
ENVOI_API int envoi_error_class(int error);

/**
 * One English sentence for a person: what happened, without a full stop.
 * @return a static string, never NULL.
 */
ENVOI_API const char *envoi_strerror(int error);

/**
 * The constant's name, such as "ENVOI_ERR_STATE", for logs and bindings.
 * @return a static string, never NULL; "ENVOI_ERR_UNKNOWN" for a number that is no error.
 */
ENVOI_API const char *envoi_error_name(int error);

ENVOI_END_DECLS

#endif
