/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_ENVOI_H
#define ENVOI_ENVOI_H
/** @file
 * All of envoi, and what holds everywhere in it.
 *
 * **Shape.** A stream (stream.h) turns bytes into events and stanzas into bytes, and does nothing else: it opens no
 * socket, reads no clock, waits for nothing, starts no thread and calls nobody. Something has to carry the bytes. That
 * is net.h, the built-in TCP transport; or transport.h, if read and write functions of the program do it; or the
 * program itself, through stream.h. What stanzas carry is built and read by functions of their own (stanza.h,
 * pubsub.h, form.h, ...), which need no connection.
 *
 * **Ownership** never crosses the interface. What the program makes (_new, _parse, _dup and the builders with an `out`
 * parameter) it frees with that type's _free, which takes NULL. What a getter returns is a view: read it, never free
 * it; it lives as long as the function's comment says. What the program passes in is copied or written out before the
 * function returns. An envoi_element is always a view into a stanza or an event.
 *
 * **Errors** are an int: 0, or one of the negative ENVOI_ERR_* of error.h; envoi_error_class() tells what kind of thing
 * went wrong, envoi_strerror() says it in words. Out parameters are set on success and untouched on failure. Getters
 * return NULL or 0 for what is not there, and take NULL. What builds a stanza or a form needs no check line by line:
 * the first failure is kept, and whoever takes the thing at last reports it. Conditions that peers send stay texts,
 * since anybody may define more.
 *
 * **Text** is UTF-8 with a NUL at its end; bytes are a pointer and a length. Functions that write into a buffer of the
 * program always tell the needed length. JIDs are compared in their prepared form (jid.h). What comes from the network
 * is checked as a protocol, but what it says was written by strangers: mind control characters before showing it on a
 * terminal.
 *
 * **Numbers.** Times are milliseconds in uint64_t, named _ms, on whatever clock the program uses, as long as it never
 * goes back. Enumerations travel as int, with values that never change. Truth is 1 or 0.
 *
 * **Events** are pulled by envoi_stream_next_event(); each one dies at the next call. A program ignores the types it
 * does not know.
 *
 * **Threads.** There is no global state. A stream, and everything else that is not const, belongs to one thread at a
 * time; different ones need no lock. A trust store may be shared by streams of many threads once it is filled.
 *
 * **Versions.** version.h has the version of the headers and that of the library. A newer library of the same major
 * version runs old programs: functions, constants and their values stay, no type shows its members, and every symbol
 * carries the version that brought it. Any header may be included alone.
 *
 * **Builds.** Every build has every function. A library that was built without c-ares has no transport of its own:
 * envoi_net_new() then says ENVOI_ERR_UNSUPPORTED, and the program brings one.
 */
#include <envoi/api.h>
#include <envoi/config.h>
#include <envoi/disco.h>
#include <envoi/element.h>
#include <envoi/error.h>
#include <envoi/event.h>
#include <envoi/form.h>
#include <envoi/jid.h>
#include <envoi/net.h>
#include <envoi/pubsub.h>
#include <envoi/recorder.h>
#include <envoi/reconnect.h>
#include <envoi/replay.h>
#include <envoi/rsm.h>
#include <envoi/srv.h>
#include <envoi/stanza.h>
#include <envoi/stream.h>
#include <envoi/transport.h>
#include <envoi/uri.h>
#include <envoi/version.h>

#endif
