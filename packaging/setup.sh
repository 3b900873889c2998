# Shared by packaging/run and packaging/test: the environment and Qt's system libraries.
# Sourced by bash. Everything it says goes to standard error; standard output is the program's.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P) || exit 1
VENV="$ROOT/.venv"
# A user's own settings must not lead the environment's Python elsewhere.
unset PYTHONHOME PYTHONPATH

say() { printf '%s\n' "$*" >&2; }
die() { say "tmi-desktop: $*"; exit 1; }

is_debian() { [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

apt_install() {
    say "Installing system packages: $*"
    local log
    log=$(mktemp) || return 1
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

# Installs the packages as root on Debian and its children; otherwise says the one line to run.
need_packages() {
    if is_debian && is_root && apt_install "$@"; then return 0; fi
    if is_debian; then
        say "Please run this line, then start again:"
        say "    $(is_root || printf 'sudo ')apt-get install -y $*"
    else
        say "Please install what your system calls these Debian packages: $*"
    fi
    return 1
}

is_supported_python() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
        >/dev/null 2>&1 </dev/null
}
makes_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; }

# Prints the Python to use: the first that can make an environment, else the first that fits.
find_python() {
    local candidate fits=""
    for candidate in ${TMI_PYTHON:+"$TMI_PYTHON"} \
        python3 python3.13 python3.12 python3.14 python3.11 python \
        /usr/bin/python3 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        is_supported_python "$candidate" || continue
        if makes_environments "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
        [ -n "$fits" ] || fits=$candidate
    done
    [ -n "$fits" ] || return 1
    printf '%s\n' "$fits"
}

venv_python() {
    if [ -d "$VENV/Scripts" ]; then
        printf '%s\n' "$VENV/Scripts/python.exe"
    else
        printf '%s\n' "$VENV/bin/python"
    fi
}

# An environment does not survive being moved, nor the end of the Python it was made with.
environment_works() {
    local python
    python=$(venv_python)
    [ -x "$python" ] && "$python" -c 'import os, pip, sys
sys.exit(not os.path.samefile(sys.prefix, sys.argv[1]))' "$VENV" >/dev/null 2>&1 </dev/null
}

make_environment() { # PYTHON
    say "Making .venv with $("$1" -V 2>&1) ..."
    "$1" -m venv --clear "$VENV" >&2 </dev/null || die "could not make $VENV"
}

# Prints the Debian packages of the parts that Qt misses.
missing_libraries() { # PYTHON
    [ "$(uname -s)" = Linux ] || return 0
    local display=""
    # As root, everything is installed at once, for the day that a display is there.
    if [ -n "${DISPLAY:-}" ] || { is_debian && is_root; }; then display=--display; fi
    "$1" -I "$ROOT/packaging/system_libraries.py" $display </dev/null
}

# Prints the Debian package without which this Python cannot make an environment.
missing_venv() { # PYTHON
    makes_environments "$1" ||
        "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])' </dev/null
}

# What an installation was made from: when this is unchanged, nothing needs doing.
fingerprint() {
    printf '%s\n' "$ROOT" "$1"
    cksum <"$ROOT/pyproject.toml"
    cksum <"$ROOT/packaging/constraints.txt"
}

pip_install() {
    "$(venv_python)" -m pip --disable-pip-version-check --no-input -q install \
        -c "$ROOT/packaging/constraints.txt" "$@" >&2 </dev/null
}

# install "" for users, install "[dev]" for the checks as well.
install() {
    local stamp="$VENV/installed$1" now
    now=$(fingerprint "$1")
    [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return 0
    say "Installing into .venv (the first time takes a minute or two) ..."
    # The build tool comes first and stays, so that later installs need no network for it.
    if pip_install setuptools && pip_install --no-build-isolation -e "$ROOT$1"; then
        printf '%s\n' "$now" >"$stamp"
        # What the checks need includes what users need.
        fingerprint "" >"$VENV/installed"
    elif [ -e "$stamp" ]; then
        say "Could not update the installation; going on with the one that is there."
    else
        die "could not install; is there a network? What pip said stands above."
    fi
}

has_display() {
    [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]
}

# Sees to it that the packages are there, all in one go, or ends with the one line to run.
check_system() { # PACKAGES
    local missing
    missing=$(printf '%s' "$1" | tr -s '\n ' '  ')
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # one word a package
    if need_packages $missing; then return 0; fi
    case $missing in
        fonts-dejavu-core) say "Going on without a font." ;;
        python*-venv*) exit 1 ;;
        *) is_debian && exit 1; say "Trying all the same." ;;
    esac
}

set_up() {
    local python
    if environment_works; then
        check_system "$(missing_libraries "$(venv_python)")"
    else
        python=$(find_python) || die "needs Python 3.11, 3.12, 3.13 or 3.14, and finds none here" \
            "(on Debian and Ubuntu: apt-get install python3)"
        check_system "$(missing_venv "$python"; missing_libraries "$python")"
        make_environment "$python"
    fi
    install "$1"
}

# One set-up at a time; whoever comes second finds it done.
set_up_once() {
    if command -v flock >/dev/null 2>&1 && [ -w "$ROOT" ]; then
        ( flock 9; set_up "$1" ) 9>"$ROOT/.venv.lock" || exit 1
    else
        ( set_up "$1" ) || exit 1
    fi
}
