#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install what is missing, build in every way, run every test, and close with a line `N passed, N failed`.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: tests/run.sh [--quick] [--keep] [--no-install]
  --quick       one build, its unit, transcript, style, symbol and conformance tests: about a minute
  --keep        keep the build folder (it is kept anyhow when something failed)
  --no-install  install nothing; what is missing shows as failures
TEXT
}

quick='' keep='' install=yes
for option; do
    case $option in
    --quick) quick=yes ;;
    --keep) keep=yes ;;
    --no-install) install='' ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
# shellcheck source=tests/need.sh
. "$root/tests/need.sh"
groups=(build test)
[ -n "$quick" ] || groups+=(server all coverage)
if [ -n "$install" ]; then need "${groups[@]}" || exit 1; fi

# a folder of its own for each run, so that two can stand side by side
work=$(mktemp -d "$root/build-tests.XXXXXX" 2>/dev/null || mktemp -d) || exit 1
steps=$work/steps
: >"$steps"
logs=()
trap 'rm -rf "$work"; exit 130' INT TERM HUP
# what the caller's environment says about flags and folders must not change what is tested
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS DESTDIR CC CXX
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ENVOI_BACKPORTS=$work/backports # newer servers are fetched once for all builds
began=$SECONDS

step() { # step NAME COMMAND...: one line on the screen, the rest in a log
    local name=$1 since=$SECONDS
    shift
    printf '%-44s' "$name"
    if "$@" >"$work/step.log" 2>&1; then
        printf 'ok      %4d s\n' $((SECONDS - since))
    else
        printf 'FAILED  %4d s\n' $((SECONDS - since))
        {
            grep -E '(: error|ERROR|FAILED:|undefined reference|^not ok)' -A4 "$work/step.log" | head -n 60
            tail -n 15 "$work/step.log"
        } | cut -c 1-300
        return 1
    fi
}

build() { # build NAME CC [MESON OPTION...]
    local name=$1 compiler=$2
    shift 2
    if step "build $name" build_in "$work/$name" "$compiler" "$@"; then
        echo "ok $name" >>"$steps"
    else
        echo "not ok $name" >>"$steps"
        return 1
    fi
}
build_in() {
    local folder=$1 compiler=$2
    shift 2
    CC=$compiler meson setup "$folder" "$root" -Dtests=enabled "$@" && ninja -C "$folder"
}

check() { # check NAME LABEL [MESON TEST OPTION...]: run tests of a build
    local name=$1 label=$2 base=testlog-$2
    shift 2
    local log
    step "test  $name $label" meson test -C "$work/$name" --no-rebuild --logbase "$base" "$@" ||
        grep -h -A8 '^not ok' "$work/$name/meson-logs/$base"*.txt | cut -c 1-300 | head -n 60
    log=("$work/$name/meson-logs/$base"*.json) # meson adds the wrapper's name
    if [ -s "${log[0]}" ]; then logs+=("${log[0]}"); else echo "not ok $name: no test of $label ran" >>"$steps"; fi
}

# reads of freed or uninitialised memory that the sanitizers cannot see; the dependencies' own caches stay reachable
memcheck='valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --num-callers=30'

if [ -n "$quick" ]; then
    build gcc gcc --werror && check gcc quick --suite unit --suite transcript --suite style --suite abi \
        --suite conformance
else
    if build gcc gcc --werror -Dintegration=true; then
        check gcc all --timeout-multiplier 2
        check gcc valgrind-unit --suite unit --wrapper "$memcheck" --timeout-multiplier 20
        ENVOI_TRANSCRIPT_WHOLE=1 check gcc valgrind-transcript 'transcripts bytes,split' --wrapper "$memcheck" \
            --timeout-multiplier 20
    fi
    # gcc warns wrongly about code that it instruments itself
    build sanitized gcc -Db_sanitize=address,undefined -Dintegration=true && check sanitized all --timeout-multiplier 4
    build clang clang --werror && check clang unit --suite unit --suite transcript
    build static gcc --werror --default-library=static && check static unit --suite unit --suite abi
    build release gcc --werror --default-library=both --buildtype=release && check release unit --suite unit --suite abi
fi

# the conformance table names tests: they must be among those that passed
only=()
[ -z "$quick" ] || only=(--only unit --only transcript --only style --only abi)
if step 'test  of each conformance row' python3 "$root/tests/conformance/ran.py" "$root/tests" ${only[@]+"${only[@]}"} \
    ${logs[@]+"${logs[@]}"}; then
    echo 'ok conformance rows' >>"$steps"
else
    echo 'not ok conformance rows: a test that a row names did not pass' >>"$steps"
fi

if [ -z "$quick" ]; then
    if step 'coverage' "$root/tests/coverage.sh" --no-install "$work/coverage"; then
        echo 'ok coverage' >>"$steps"
    else
        echo 'not ok coverage' >>"$steps"
    fi
    grep -E '^(gate|JID|URI|SASL|library|[0-9]+ lines are named)' "$work/step.log" || tail -n 5 "$work/step.log"
fi
printf 'all of it took %d s\n' $((SECONDS - began))
python3 "$root/tests/tally.py" "$steps" ${logs[@]+"${logs[@]}"}
status=$?
if [ "$status" = 0 ] && [ -z "$keep" ]; then rm -rf "$work"; else echo "logs: $work" >&2; fi
exit "$status"
