# shellcheck shell=bash
# Functions that ./serve and ./test share. Sourced, never run.

# Says a line on standard error.
say() {
    printf '%s\n' "$*" >&2
}

# Ends with a sentence that says what to do.
fail() {
    say "$(basename "$0"): $*"
    exit 1
}

# Runs a command as root: directly, or through sudo where that asks nothing.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Installs Debian packages, or says which ones somebody has to install.
install_packages() {
    say "installing with apt-get: $*"
    if ! command -v apt-get >/dev/null; then
        fail "please install these packages (or your system's equivalents): $*"
    fi
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >&2; then
        # The package lists of a fresh image are empty or old.
        as_root apt-get update -q </dev/null >&2 || fail "please install these packages: apt-get install $*"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >&2 ||
            fail "please install these packages: apt-get install $*"
    fi
}

# Makes sure that there are a C compiler (SQLite and others are built from C), cargo, Python with venv, and npm.
need_cargo() {
    if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    command -v cargo >/dev/null || fail "cargo is missing; install Rust from https://rustup.rs"
    command -v cc >/dev/null || install_packages build-essential
}

need_python() {
    command -v python3 >/dev/null || install_packages python3 python3-venv
    # Debian's python3 has the module venv without what it needs; ensurepip tells.
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "Python 3.10 or newer is needed"
}

need_npm() {
    command -v node >/dev/null || install_packages nodejs
    command -v npm >/dev/null || install_packages npm
}

# The hash of what decides about an installation: the given files, and the versions of the tools.
fingerprint() {
    { sha256sum "$@" && python3 --version && node --version 2>/dev/null; } | sha256sum | cut -d' ' -f1
}

# Runs `install_it TARGET`, unless TARGET was installed from the same fingerprint.
#   installed_once TARGET FINGERPRINT install_it
# The marker is written last, so that an interrupted installation is done again from nothing.
installed_once() {
    local target="$1" fingerprint="$2" install_it="$3"
    local marker="$target/.installed-from"
    if [ "$(cat "$marker" 2>/dev/null || true)" = "$fingerprint" ]; then
        return
    fi
    rm -rf "$target"
    mkdir -p "$target"
    "$install_it" "$target"
    printf '%s\n' "$fingerprint" >"$marker"
}
