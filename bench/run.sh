#!/usr/bin/env bash
# Builds what is measured and measures it: `make bench`, or `bench/run.sh --only "16 connections" --seconds 5`.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --bin aop
cargo build --release -p aop-bench --bins
mkdir -p bench/results
exec target/release/matrix --aop target/release/aop --out "bench/results/$(date -u +%Y%m%dT%H%M%SZ).jsonl" "$@"
