#!/usr/bin/env bash
# `make up`, `make down`, `make logs`: the same `aop up`, in the background.
set -euo pipefail
state=${XDG_STATE_HOME:-$HOME/.local/state}/aop
mkdir -p "$state"
case ${1:?up, down or logs} in
up)
    shift
    if [ -f "$state/pid" ] && kill -0 "$(cat "$state/pid")" 2>/dev/null; then
        echo "AOP is already running (process $(cat "$state/pid")); see make logs"
        exit 0
    fi
    nohup target/release/aop up "$@" >"$state/log" 2>&1 &
    echo $! >"$state/pid"
    for _ in $(seq 100); do
        grep -q 'AOP is ready' "$state/log" && break
        kill -0 "$(cat "$state/pid")" 2>/dev/null || { cat "$state/log"; exit 1; }
        sleep 0.2
    done
    grep -v '^{' "$state/log" || true
    ;;
down)
    [ -f "$state/pid" ] || { echo "AOP is not running"; exit 0; }
    pid=$(cat "$state/pid")
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -f "$state/pid"
    ;;
logs)
    tail -n 100 -f "$state/log"
    ;;
esac
