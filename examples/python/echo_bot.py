#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A bot that answers each chat message with the same text: envoi by ctypes and a socket, no further package.
Set XMPP_JID and XMPP_PASSWORD and, if needed, XMPP_HOST (host:port; else the JID's domain) and XMPP_CA (PEM file).
libenvoi.so.0 must be where the loader looks: install it, set LD_LIBRARY_PATH, or name the file in ENVOI_LIBRARY."""
import ctypes, os, select, socket, sys, time
if len(sys.argv) > 1:
    sys.exit(print(__doc__) if sys.argv[1] == "--help" else 2)

class Pointer(ctypes.c_void_p): pass  # a result of this type stays one; a plain c_void_p would become an int, cut later
try:
    lib = ctypes.CDLL(os.environ.get("ENVOI_LIBRARY", "libenvoi.so.0"))
except OSError as problem:
    sys.exit(f"echo_bot.py: {problem}; set LD_LIBRARY_PATH or ENVOI_LIBRARY")
for kind, names in ((Pointer, "stream_next_event stream_output event_stanza"), (ctypes.c_uint64, "stream_deadline"),
                    (ctypes.c_char_p, "strerror event_text element_attr stanza_type message_body")):
    for name in names.split():
        getattr(lib, "envoi_" + name).restype = kind
config, stream, size, sock = Pointer(), Pointer(), ctypes.c_size_t(), None

def now():
    return ctypes.c_uint64(int(time.monotonic() * 1000))

def check(error, detail=None):
    if error:
        sys.exit(f"echo_bot.py: {lib.envoi_strerror(error).decode()} ({(detail or b'-').decode()}); check XMPP_JID, "
                 "XMPP_PASSWORD and, if set, XMPP_HOST (host:port) and XMPP_CA (PEM file)")

def handle(event):
    kind, stanza, out = lib.envoi_event_type(event), lib.envoi_event_stanza(event), Pointer()
    if kind == 103:  # ENVOI_EVENT_READY
        lib.envoi_presence_new(ctypes.byref(out), None, None)
    elif kind == 201 and lib.envoi_stanza_type(stanza) == b"chat":  # ENVOI_EVENT_STANZA
        lib.envoi_message_new(ctypes.byref(out), lib.envoi_element_attr(stanza, b"from"), b"chat")
        lib.envoi_message_add_body(out, lib.envoi_message_body(stanza, None), None)
    elif kind == 199:  # ENVOI_EVENT_CLOSED
        check(lib.envoi_event_error(event), lib.envoi_event_text(event))
        sys.exit(print("echo_bot.py: the stream was closed", file=sys.stderr))
    lib.envoi_stream_send(stream, out)  # one that got no body holds an error, and is not sent
    lib.envoi_stanza_free(out)

host, _, port = os.environ.get("XMPP_HOST", os.environ.get("XMPP_JID", "").partition("@")[2]).partition(":")
jid, password, ca = map(os.environb.get, (b"XMPP_JID", b"XMPP_PASSWORD", b"XMPP_CA"))
check(lib.envoi_config_new(ctypes.byref(config), jid) or lib.envoi_config_set_password(config, password) or
      lib.envoi_config_set_trust_file(config, ca) or lib.envoi_stream_new(ctypes.byref(stream), config, now()))
while lib.envoi_stream_tick(stream, now()) == 0:
    while event := lib.envoi_stream_next_event(stream):
        handle(event)
    try:
        sock = sock or socket.create_connection((host, int(port or 5222)), 30)
        while data := lib.envoi_stream_output(stream, ctypes.byref(size)):
            lib.envoi_stream_sent(stream, ctypes.c_size_t(sock.send(ctypes.string_at(data, size.value))))
        if select.select([sock], [], [], min(max(lib.envoi_stream_deadline(stream) - now().value, 0) / 1000, 3600))[0]:
            data = sock.recv(16384)
            receive = lib.envoi_stream_receive if data else lambda *_: lib.envoi_stream_receive_eof(stream)
            check(receive(stream, data, ctypes.c_size_t(len(data))))
    except KeyboardInterrupt:
        lib.envoi_stream_close(stream)
    except (OSError, ValueError) as error:
        lib.envoi_stream_transport_failed(stream, -401, str(error).encode())  # ENVOI_ERR_TRANSPORT
