#!/usr/bin/env bash
# Licences, bans, sources and duplicates with cargo-deny; advisories too where their database can be reached.
set -euo pipefail
version=0.20.2
tool=.tools/bin/cargo-deny
if [ ! -x "$tool" ] || [ "$("$tool" --version)" != "cargo-deny $version" ]; then
    cargo install --quiet --locked --root .tools "cargo-deny@$version"
fi
"$tool" --log-level error check licenses bans sources
if timeout 60 "$tool" --log-level off fetch db >/dev/null 2>&1; then
    "$tool" --log-level error check advisories
else
    echo "the advisory database cannot be reached from here; the floors in tests/tests/structure.rs were checked instead"
fi
