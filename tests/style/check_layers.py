# SPDX-License-Identifier: MIT
"""Includes point one way, each library has one file that knows it, and some names have one use."""
import re

import tree

# folder -> folders of lib/ whose headers it may include; "public" is include/envoi
MAY_INCLUDE = {
    "base": {"base", "public"},
    "xml": {"xml", "base", "public"},
    "data": {"data", "xml", "base", "public"},
    "sasl": {"sasl", "base", "public"},
    "tls": {"tls", "base", "public"},
    "stream": {"stream", "data", "xml", "sasl", "tls", "base", "public"},
    "replay": {"replay", "stream", "data", "xml", "sasl", "tls", "base", "public"},
    "client": {"client", "stream", "data", "xml", "sasl", "tls", "base", "public"},
    "net": {"net", "public"},
}
# library header -> the files that may include it
SURFACES = {
    r"libxml/": {"lib/xml/parser.c"},
    r"gnutls/": {"lib/sasl/crypto.c", "lib/tls/identity.c", "lib/tls/internal.h", "lib/tls/tls_gnutls.c",
                 "lib/tls/tls_verify.c", "lib/tls/trust.c"},
    r"ares": {"lib/net/resolver.c"},
    r"sys/socket\.h|netinet/": {"lib/net/socket.c", "lib/net/poll.c"},
    r"uni(norm|case|type|width|str|conv|stdio|lbrk)|idn2": {"lib/base/unicode.c"},
}
# name -> the files that may speak of it. Channel-binding data is for SASL and nothing else (RFC 9266 4). A stream error
# that says nothing is read and never sent (RFC 6120 4.9.3.21).
USES = {
    r"envoi__tls_channel_binding": {"lib/tls/tls.h", "lib/tls/tls_gnutls.c", "lib/stream/auth.c"},
    r"EXPORTER-Channel-Binding": {"lib/tls/tls_gnutls.c"},
    r'"undefined-condition"': {"lib/stream/closing.c", "lib/data/stanza_error.c"},
}

faults = []
for path in tree.SOURCES:
    folder = path.relative_to(tree.ROOT / "lib").parts[0]
    text = path.read_text()
    for number, line in enumerate(text.split("\n"), 1):
        for name, files in USES.items():
            if re.search(name, line) and tree.name(path) not in files:
                faults.append(f"{tree.name(path)}:{number}: {name} belongs to {', '.join(sorted(files))}")
        include = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not include:
            continue
        kind, target = include.groups()
        where = f"{tree.name(path)}:{number}: includes {target}"
        if kind == '"':
            if (tree.ROOT / "lib" / target).exists() and target.split("/")[0] not in MAY_INCLUDE[folder]:
                faults.append(where + f", which points back from {folder}")
        elif not target.startswith("envoi/"):
            for pattern, files in SURFACES.items():
                if re.match(pattern, target) and tree.name(path) not in files:
                    faults.append(where + f", which belongs to {', '.join(sorted(files))}")
tree.verdict(faults)
