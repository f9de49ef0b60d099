#!/bin/sh
# SPDX-License-Identifier: MIT
# The whole of it at work, in one command: installs what is missing, builds, starts a throwaway server on this machine
# with an authority and accounts of its own, and lets envoi's programs log in, talk, publish and follow.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/need.sh"
build=$root/build-demo
work='' server='' watch='' as=''

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1;36m') red=$(printf '\033[1;31m') plain=$(printf '\033[0m')
else bold='' red='' plain=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
die() { printf '%sfailed: %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }

clean_up() {
    for pid in $watch $server; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    [ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# run WHO FILE COMMAND...: run one of envoi's programs as WHO, show what it says, keep it in FILE
run() {
    who=$1 file=$work/$2
    shift 2
    if XMPP_JID=$who "$@" >"$file" 2>&1; then show "$who" "$file"; else show "$who" "$file"; die "$*"; fi
}
show() { sed "s/^/  ${as:-${1%%@*}} | /" "$2"; }
# must FILE PATTERN: what is shown must be there, else the demo is none
must() { grep -Eq -- "$2" "$work/$1" || die "nothing like \"$2\" was said"; }
# wait_for FILE PID: until the file is there and not empty; not when the process has ended
wait_for() {
    n=0
    until [ -s "$1" ]; do
        kill -0 "$2" 2>/dev/null && [ "$n" -lt 600 ] || return 1
        n=$((n + 1))
        sleep 0.1
    done
}

say 'What is needed'
need build server || exit 1
echo '  all of it is here'

say 'Build'
work=$(mktemp -d)
[ -f "$build/build.ninja" ] || meson setup "$build" "$root" -Dtests=disabled -Dnet=enabled >"$work/build" 2>&1 ||
    { cat "$work/build"; die 'meson setup'; }
ninja -C "$build" >"$work/build" 2>&1 || { cat "$work/build"; die ninja; }
programs=$build/examples
echo "  in $build"

say 'Start a throwaway Prosody on loopback'
python3 "$root/tests/integration/server.py" "$work/server" >"$work/server.log" 2>&1 &
server=$!
wait_for "$work/server/env" "$server" || { cat "$work/server.log"; die 'the server did not start'; }
# shellcheck disable=SC1091 # written by the server
. "$work/server/env"
export XMPP_HOST XMPP_CA XMPP_PASSWORD XMPP_PASSWORD2="$XMPP_PASSWORD"
juliet=juliet@capulet.example romeo=romeo@montague.example node="xmpp:$XMPP_PUBSUB?;node=verona"
echo "  at $XMPP_HOST, for capulet.example by TLS 1.3 and montague.example by TLS 1.2"

say 'Two accounts log in and exchange messages'
as=both
run "$juliet" talk "$programs/poll_loop" --jid2 "$romeo"
as=''
must talk "$juliet: authenticated by SCRAM-SHA-256$"
must talk "$romeo: authenticated by SCRAM-SHA-256-PLUS, bound to the channel by tls-unique$"
must talk "^$juliet/[^ ]+ hears from $romeo/"
must talk "^$romeo/[^ ]+ hears from $juliet/"

say 'Juliet creates a node and publishes to it'
echo 'Two households, both alike in dignity' >"$work/prologue"
run "$juliet" create "$programs/pubsub_publish" --create --id prologue "$node" <"$work/prologue"
must create 'made the node verona$'

say 'Romeo follows the node'
XMPP_JID=$romeo "$programs/pubsub_watch" --count 2 --timeout 60 "$node" >"$work/watch" 2>"$work/watch.log" &
watch=$!
wait_for "$work/watch" "$watch" || { show "$romeo" "$work/watch.log"; die 'pubsub_watch did not begin'; }

say 'Juliet publishes an Atom feed of two entries'
cat >"$work/feed.atom" <<'ATOM'
<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns='http://www.w3.org/2005/Atom'>
  <entry><id>tag:capulet.example,2026:1</id><title>But, soft!</title>
    <author><name>Romeo</name></author><content>What light through yonder window breaks?</content></entry>
  <entry><id>tag:capulet.example,2026:2</id><title>Good night</title>
    <author><name>Juliet</name></author><content>Parting is such sweet sorrow</content></entry>
</feed>
ATOM
run "$juliet" publish "$programs/pubsub_publish" --atom "$work/feed.atom" "$node"
uri=$(grep '^xmpp:' "$work/publish" | tail -n 1)
[ "$(grep -c '^xmpp:' "$work/publish")" = 2 ] || die 'not both entries were published'

say 'Romeo was notified'
wait "$watch" || { show "$romeo" "$work/watch.log"; die 'pubsub_watch'; }
watch=''
show "$romeo" "$work/watch.log"
show "$romeo" "$work/watch"
must watch.log 'authenticated by SCRAM-SHA-256-PLUS, bound to the channel by tls-unique$'
must watch "^item prologue published by $juliet"
must watch "^new item tag:capulet.example,2026:1 published by $juliet"
must watch "^new item tag:capulet.example,2026:2 published by $juliet"

say 'Romeo reads the node back'
run "$romeo" items "$programs/pubsub_watch" --once "$node"
[ "$(grep -c '^item ' "$work/items")" = 3 ] || die 'not all three items came back'

say "Romeo resolves $uri"
run "$romeo" item "$programs/pubsub_watch" --once "$uri"
sed -n '/^new item tag:capulet.example,2026:2/,$p' "$work/watch" | sed 's/^new //' >"$work/notified"
grep -v '^pubsub_watch: ' "$work/item" >"$work/resolved"
cmp -s "$work/notified" "$work/resolved" || die 'this is not the item that was notified'
echo '  the same item as the one that was notified'

say 'All of it worked.'
