# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016 # words for another shell stand in single quotes
# To be sourced by a POSIX shell: what building and testing need, and how to get what is missing.
#   need build test ...     the groups of the table below; installs by apt, elsewhere says what is missing

have() { command -v "$1" >/dev/null 2>&1; }
module() { have pkg-config && pkg-config --exists "$@" 2>/dev/null; }
header() { have cc && echo "#include <$1>" | cc -E - >/dev/null 2>&1; }
# ejabberd's own modules lie outside of Erlang's folder
ejabberd_is_there() { have erl && ls -d /usr/lib/*/ejabberd-* /usr/lib/erlang/lib/p1_oauth2-* >/dev/null 2>&1; }

# group | how to see that it is there | Debian's packages | what it is
need_table() {
    cat <<'TABLE'
build|have gcc|gcc libc6-dev|gcc, with the C library's headers
build|have meson|meson|Meson 1.0 or later
build|have ninja|ninja-build|Ninja
build|have pkg-config|pkg-config|pkg-config
build|have python3|python3|Python 3.9 or later
build|module libxml-2.0 >= 2.9.14|libxml2-dev|libxml2 2.9.14 or later, with headers
build|module gnutls >= 3.7|libgnutls28-dev|GnuTLS 3.7 or later, with headers
build|module libcares >= 1.18|libc-ares-dev|c-ares 1.18 or later, with headers
build|module libidn2 >= 2.3|libidn2-dev|libidn2 2.3 or later, with headers
build|header uninorm.h|libunistring-dev|libunistring 1.0 or later, with headers
test|module cmocka >= 1.1|libcmocka-dev|cmocka 1.1 or later, with headers
test|have c++|g++|a C++11 compiler
server|have prosody|prosody|the XMPP server Prosody 0.12
all|ejabberd_is_there|ejabberd erlang-p1-oauth2|the XMPP server ejabberd 23.01, with erlang-p1-oauth2
server|have openssl|openssl|openssl(1) 3.0 or later
all|have clang|clang|clang
all|have valgrind|valgrind|valgrind
coverage|have gcovr|gcovr|gcovr 5.2 or later
TABLE
}

# run a command as root; sudo asks for the password
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian starts a server when its package is installed, unless policy-rc.d says no; one that is there already decides
# for itself.
need_install() {
    as_root sh -euc '
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap "rm -f $policy" EXIT
            trap "exit 130" INT TERM
            printf "#!/bin/sh\nexit 101\n" >"$policy"
            chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o DPkg::Lock::Timeout=600 update
        apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" >/dev/null
    ' need "$@"
}

# need GROUP...: 0 when all is there in the end
need() {
    need_packages='' need_list=''
    while IFS='|' read -r group check packages what; do
        case " $* " in *" $group "*) ;; *) continue ;; esac
        # shellcheck disable=SC2086 # the check is a command with words
        $check && continue
        need_packages="$need_packages $packages"
        need_list="$need_list  - $what (Debian: $packages)
"
    done <<TABLE
$(need_table)
TABLE
    [ -n "$need_packages" ] || return 0
    if ! have apt-get; then
        printf 'Please install these first, and run this again:\n%s' "$need_list" >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! have sudo; then
        printf 'Please let root install these first: apt-get install%s\n' "$need_packages" >&2
        return 1
    fi
    printf 'installing by apt:%s\n' "$need_packages"
    # shellcheck disable=SC2086 # a list of names
    need_install $need_packages && need_again=0 || need_again=1
    [ "$need_again" = 0 ] || printf 'apt could not install all of:%s\n' "$need_packages" >&2
    return "$need_again"
}
