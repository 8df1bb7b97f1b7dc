#!/bin/sh
# Installs one environment of infra/tools.txt into .local/tools, or says in one sentence why not and what to do.
# Usage: infra/tools.sh check | crates | stack | sam | cross | coverage
set -u
cd "$(dirname "$0")/.." || exit 1
tools=.local/tools
mkdir -p "$tools"

fail() {
    echo "$1" >&2
    exit 1
}

check() {
    command -v cargo >/dev/null || fail "cargo is missing: install Rust from https://rustup.rs, then open a new shell."
    command -v cc >/dev/null || fail "cc is missing, Rust links with it: install it (Debian: apt-get install build-essential)."
    command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "python3 is $(python3 -V 2>&1 | cut -d' ' -f2), but 3.10 or newer is needed: install it and put it first on PATH."
    python3 -c 'import venv, ensurepip' 2>/dev/null ||
        fail "python3 cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)."
}

# Fetches apart from building, so that a missing network is not a long compiler message.
crates() {
    host=$(rustc -vV | sed -n 's/^host: //p')
    cargo fetch --locked --target "$host" >"$tools/crates.log" 2>&1 ||
        fail "The Rust crates could not be fetched, is the network up and crates.io allowed? The reason is at the end of $tools/crates.log."
}

environment() {
    wanted=$(sed -n "s/^$1 //p" infra/tools.txt)
    [ -n "$wanted" ] || fail "infra/tools.txt has no environment $1."
    echo "Installing $(echo $wanted) into $tools/$1"
    rm -rf "${tools:?}/$1"
    # $wanted is a list of words on purpose.
    { python3 -m venv "$tools/$1" && "$tools/$1/bin/pip" install --disable-pip-version-check $wanted; } >"$tools/$1.log" 2>&1 || {
        rm -rf "${tools:?}/$1"
        fail "The tools could not be installed, is the network up, and may this machine reach the Python package index? The reason is at the end of $tools/$1.log."
    }
}

case "${1:-}" in
check) check ;;
crates) check && crates && date >"$tools/crates.done" ;;
stack | sam | cross | coverage) check && environment "$1" && date >"$tools/$1.done" ;;
*) fail "usage: infra/tools.sh check | crates | stack | sam | cross | coverage" ;;
esac
