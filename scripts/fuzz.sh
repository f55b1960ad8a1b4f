#!/usr/bin/env bash
# Coverage-guided fuzzing of what reads bytes of strangers: fuzz.sh SECONDS [TARGET...], all targets when none is named.
#
# libFuzzer on the pinned stable toolchain: the coverage it steers by is a pass of LLVM, which rustc runs when asked. There is no
# address sanitizer, which stable rustc has not; the code under test has no `unsafe` of ours. Build scripts and macros stay as they are,
# because a target is named.
#
# Starts from fuzz/corpus (committed) and fuzz/found (what earlier runs found new; not committed). An input that breaks a
# target is kept in fuzz/crashes, and the command that repeats it is printed; the exit status is then 1.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz: the time per target is whole seconds, not '$seconds'." >&2; exit 2; }
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(ls fuzz/corpus)
command -v c++ >/dev/null || { echo "fuzz: libFuzzer is C++; install a compiler (c++)." >&2; exit 2; }

host=$(rustc -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
# Those of the shipped lock file; cargo adds what only the fuzzer needs.
cp Cargo.lock fuzz/Cargo.lock
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
coverage+=" -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
# From inside the folder: it is a workspace of its own.
(cd fuzz && RUSTFLAGS=$coverage cargo build --release --target "$host" --target-dir "$out")
fuzzer=$out/$host/release/aop-fuzz

broken=0
for target in "${targets[@]}"; do
  found=fuzz/found/$target crashes=fuzz/crashes/$target
  mkdir -p "$found" "$crashes"
  log=fuzz/found/$target.log
  echo "fuzz: $target for $seconds s (log: $log)"
  status=0
  AOP_FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
    -dict=fuzz/words -artifact_prefix="$crashes/" "$found" "fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    grep -E '^#[0-9]+[[:space:]]+DONE' "$log" | tail -1 || true
    continue
  fi
  broken=1
  tail -n 25 "$log" >&2
  input=$(ls -t "$crashes" | head -1)
  echo "fuzz: $target broke (exit status $status). To repeat it:" >&2
  echo "  AOP_FUZZ_TARGET=$target $fuzzer $crashes/$input" >&2
  echo "  When it is mended, give the input a name and put it into fuzz/corpus/$target: every test run replays it." >&2
done
exit $broken
