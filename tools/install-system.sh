#!/bin/sh
# Install the Debian packages that a step needs, when they are not there yet.
#   install-system.sh browser          Chromium and Chinese fonts, for the browser tests
#   install-system.sh postgres         PostgreSQL's server programs, for the store tests
#   install-system.sh venv PYTHON DIR  the venv module, then the virtual environment itself
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else echo "Please install as an administrator: $*" >&2; exit 1
    fi
}

install() {
    command -v apt-get >/dev/null 2>&1 || {
        echo "Not a Debian-like system: please install $* by hand." >&2; exit 1
    }
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

case "${1:-}" in
browser)
    command -v chromium >/dev/null 2>&1 || install chromium
    fc-list 2>/dev/null | grep -qi 'noto sans cjk' || install fonts-noto-cjk fontconfig
    ;;
postgres)
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
        install postgresql
    ;;
venv)
    install python3-venv
    "$2" -m venv "$3"
    ;;
*)
    echo "usage: install-system.sh browser | postgres | venv PYTHON DIR" >&2; exit 2
    ;;
esac
