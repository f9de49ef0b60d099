#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How much of lib/ the tests reach: builds with gcc's counters, runs the tests that need no server, prints a table per
# file, and fails when a figure is below its promise or a line that was missed has no reason in coverage.tsv.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: tests/coverage.sh [--integration | --write] [--no-install] [FOLDER]
  --integration  the tests against servers too; then lines that are named in coverage.tsv may be reached
  --write        bring coverage.tsv up to date; what is new there waits for its reason
  --no-install   install nothing
  FOLDER         where to build; it stays, and is built in again the next time
TEXT
}

integration='' write='' install=yes folder=''
for option; do
    case $option in
    --integration) integration=yes ;;
    --write) write=--write ;;
    --no-install) install='' ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) folder=$option ;;
    esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
# shellcheck source=tests/need.sh
. "$root/tests/need.sh"
groups=(build test coverage)
[ -z "$integration" ] || groups+=(server all)
if [ -n "$install" ]; then need "${groups[@]}" || exit 1; fi

if [ -z "$folder" ]; then
    folder=$(mktemp -d "$root/build-coverage.XXXXXX" 2>/dev/null || mktemp -d) || exit 1
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder" || exit 1
log=$folder/coverage.log
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS DESTDIR CC CXX

run() { # run COMMAND...: its output is shown when it fails
    "$@" >"$log" 2>&1 && return
    echo "FAILED: $*" >&2
    tail -n 40 "$log" >&2
    exit 1
}

# without optimization each branch of the source is one of the program
[ -f "$folder/build.ninja" ] ||
    run env CC=gcc meson setup "$folder" "$root" --buildtype=debug -Db_coverage=true -Dtests=enabled \
        -Dintegration="$([ -n "$integration" ] && echo true || echo false)"
run ninja -C "$folder"
find "$folder" -name '*.gcda' -delete
suites=(--suite unit --suite fuzz --suite examples)
[ -z "$integration" ] || suites+=(--suite integration)
run meson test -C "$folder" --no-rebuild --timeout-multiplier 4 "${suites[@]}"
# other ways to cut and damage the scenarios reach nothing more
run "$folder/tests/transcript/transcript" --modes=bytes,memory,io "$root"/tests/transcript/scenarios/*.txt
run gcovr --root "$root" --object-directory "$folder" "$folder/lib" --filter "$root/lib/" \
    --exclude-unreachable-branches --exclude-throw-branches --json "$folder/coverage.json"
python3 "$root/tests/coverage.py" "$folder/coverage.json" "$root/tests/coverage.tsv" ${integration:+--more} $write
