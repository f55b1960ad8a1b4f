#!/usr/bin/env bash
# Tests of the running whole: `aop up` in an empty directory, driven by real SDKs and a real browser.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
binary=${AOP_BINARY:-${CARGO_TARGET_DIR:-$root/target}/debug/aop}

if [ ! -f .venv/.installed ] || [ tests/python/requirements.lock -nt .venv/.installed ]; then
    echo "▸ installing the Python clients the tests drive"
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/python/requirements.lock
    touch .venv/.installed
fi
if [ ! -f tests/browser/node_modules/.installed ] || [ tests/browser/package-lock.json -nt tests/browser/node_modules/.installed ]; then
    npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error
    touch tests/browser/node_modules/.installed
fi

work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

# start NAME [VARIABLE=VALUE ...]: an installation of its own; its address is left in $url.
start() {
    local name=$1 port
    shift
    port=$(free_port)
    url=http://127.0.0.1:$port
    env "$@" "$binary" up --listen "127.0.0.1:$port" --data "$work/$name" >"$work/$name.log" 2>&1 &
    pids+=($!)
    for _ in $(seq 600); do
        grep -q 'AOP is ready' "$work/$name.log" && return 0
        kill -0 "${pids[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/$name.log"
    echo "aop up did not become ready" >&2
    return 1
}

key=aop-test-key-with-every-permission-000001
start sdk AOP_ADMIN_EMAIL=admin@example.com AOP_ADMIN_PASSWORD=correct-horse-battery AOP_BOOTSTRAP_KEY=$key
# The simulator once more, under an address of its own: to the gateway a provider like any other.
simulator=127.0.0.1:$(free_port)
AOP_SIMULATOR_LISTEN=$simulator "$binary" simulator >"$work/simulator.log" 2>&1 &
pids+=($!)
echo "▸ SDK tests against $url"
AOP_TEST_SIMULATOR_URL=http://$simulator AOP_TEST_URL=$url AOP_TEST_KEY=$key .venv/bin/pytest -q -p no:cacheprovider tests/python --ignore tests/python/test_clickhouse_connect.py --ignore tests/python/test_parts_apart.py --ignore tests/python/test_container_files.py

echo "▸ clickhouse-connect against the embedded server; the parts apart, as compose.yaml has them"
AOP_TEST_BINARY=$binary "$binary" engines -- .venv/bin/pytest -q -p no:cacheprovider tests/python/test_clickhouse_connect.py tests/python/test_container_files.py tests/python/test_parts_apart.py

echo "▸ browser tests: the first run, every page"
AOP_BIN=$binary npm --prefix tests/browser test --silent
