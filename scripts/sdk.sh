# shellcheck shell=bash
# Installs the AWS SDKs that functions can import into .sdk/. Sourced by ./serve and ./test.

# shellcheck source-path=SCRIPTDIR source=common.sh
. scripts/common.sh

install_sdk() {
    local target="$1"
    say "installing the AWS SDKs for functions into $target"
    # A venv of its own for pip only: system Pythons refuse to be installed into, and often have no pip.
    python3 -m venv "$target/.pip"
    "$target/.pip/bin/pip" install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement scripts/sdk/requirements.txt --target "$target/python" </dev/null >&2
    rm -rf "$target/.pip"
    mkdir -p "$target/nodejs"
    cp scripts/sdk/package.json scripts/sdk/package-lock.json "$target/nodejs/"
    npm ci --prefix "$target/nodejs" --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2
}

# Leaves .sdk/python and .sdk/nodejs/node_modules current.
prepare_sdk() {
    need_python
    need_npm
    local files=(scripts/sdk/requirements.txt scripts/sdk/package.json scripts/sdk/package-lock.json)
    installed_once .sdk "$(fingerprint "${files[@]}")" install_sdk
}
