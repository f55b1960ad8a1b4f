#!/usr/bin/env bash
# Checks every statement of crates/store against migrations/ on a real Postgres and rewrites the committed answers
# in .sqlx/. With --check it rewrites nothing and fails when they differ.
#
# DATABASE_URL names an empty database to use; without it the embedded engine is started.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=""
cleanup() {
    if [[ -n $server ]]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
    rm -rf "$work"
}
trap cleanup EXIT

if [[ ! -x .tools/bin/sqlx ]]; then
    echo "installing sqlx-cli into .tools (once, about a minute)"
    cargo install --quiet sqlx-cli --version 0.9.0 --no-default-features --features postgres,rustls --root .tools
fi

if [[ -z ${DATABASE_URL:-} ]]; then
    # The last build will do: a new statement is what keeps the next one from building.
    postgres=${CARGO_TARGET_DIR:-target}/debug/aop-postgres
    [[ -x $postgres ]] || cargo build --quiet -p aop-store --bin aop-postgres
    "$postgres" run "$work/data" "${AOP_ENGINES_DIR:-engines/node_modules}" --not-durable \
        >"$work/url" 2>"$work/log" &
    server=$!
    until [[ -s $work/url ]]; do
        kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
        sleep 0.1
    done
    DATABASE_URL=$(<"$work/url")
fi

export DATABASE_URL SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$work/answers
mkdir "$SQLX_OFFLINE_DIR"
.tools/bin/sqlx migrate run --source migrations
touch crates/store/src/lib.rs # the macros run only when the crate is compiled
cargo check --quiet -p aop-store --features testing

if [[ ${1:-} == --check ]]; then
    diff -rq .sqlx "$SQLX_OFFLINE_DIR" || { echo "run 'make prepare' and commit .sqlx" >&2; exit 1; }
else
    mkdir -p .sqlx
    rm -f .sqlx/query-*.json
    cp "$SQLX_OFFLINE_DIR"/query-*.json .sqlx/
fi
# What was just compiled knew a database; the next build must not depend on that.
touch crates/store/src/lib.rs
