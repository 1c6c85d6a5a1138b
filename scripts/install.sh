# Sourced by the scripts beside it: makes .venv, gets uv, installs what uv.lock names. Needs python3.11 or newer.
# Takes further options for `uv sync`. Everything it says goes to stderr.

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for found in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$found" >/dev/null 2>&1 && new_enough "$found"; then
            command -v "$found"
            return
        fi
    done
    say "Deskhand needs Python 3.11 or newer with its venv module, and none was found."
    say "On Debian or Ubuntu: apt install python3 python3-venv"
    return 1
}

find_uv() {
    if [ -x .venv/bin/uv ]; then
        echo .venv/bin/uv
    elif command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
        command -v uv
    else
        say "Getting uv ..."
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
        .venv/bin/python -m pip install --quiet --disable-pip-version-check uv >&2
        echo .venv/bin/uv
    fi
}

install_deskhand() {
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python)
        say "Making .venv with $("$python" --version) ..."
        "$python" -m venv .venv
    fi
    # Without a home to write to, uv keeps its downloads beside what it installs.
    if [ -z "${HOME:-}" ] || [ ! -w "${HOME:-}" ]; then
        UV_CACHE_DIR=${UV_CACHE_DIR:-.venv/.cache}
        export UV_CACHE_DIR
    fi
    uv=$(find_uv)
    if ! synced --check "$@" 2>/dev/null; then
        say "Installing what uv.lock names (about 20 seconds, once) ..."
        synced "$@"
    fi
}

synced() {
    UV_PYTHON=.venv/bin/python UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
        "$uv" sync --frozen --inexact --quiet "$@" >&2
}
