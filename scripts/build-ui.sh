#!/usr/bin/env bash
# Builds the web UI into ui/dist, only when something it is made of has changed.
set -euo pipefail
cd "$(dirname "$0")/../ui"
if [ ! -f node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
    printf '\033[2m▸\033[0m fetching the packages of the UI\n'
    npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.installed
fi
stamp=dist/.built
if [ ! -f "$stamp" ] || [ -n "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    printf '\033[2m▸\033[0m building the UI\n'
    npm run --silent build
    touch "$stamp"
    # The binary embeds the files by their names, which cargo does not watch.
    touch ../api/src/ui.rs
fi
