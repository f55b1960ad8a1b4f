#!/usr/bin/env bash
# Records the captures again: one framework at a time, each in an environment of its own outside the repository, which is
# removed afterwards. `record.sh` records everything, `record.sh crewai plain` only these, `record.sh crewai:memory` one case.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

all=(ag2 ag2_new adk adk_native agent_framework agno autogen claude_code crewai crewai_old haystack javascript langgraph llama_index mixed openai_agents openai_agents_old
    plain pydantic_ai semantic_kernel smolagents strands)
[ $# -gt 0 ] || set -- "${all[@]}"

export HOME="$work/home" XDG_DATA_HOME="$work/home/data" CREWAI_STORAGE_DIR=corpus PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here"
for wanted in "$@"; do
    framework=${wanted%%:*}
    only=()
    [ "$wanted" = "$framework" ] || only=("${wanted#*:}")
    rm -rf "$work/venv" "$HOME"
    mkdir -p "$HOME/cwd"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement "$here/requirements/$framework.txt"
    if [ -f "$here/scenarios/$framework/package.json" ]; then
        export CORPUS_NODE_DIR="$work/node"
        mkdir -p "$CORPUS_NODE_DIR"
        cp "$here/scenarios/$framework/package.json" "$CORPUS_NODE_DIR/"
        npm --prefix "$CORPUS_NODE_DIR" install --silent --no-audit --no-fund
    fi
    for file in "$here"/scenarios/"$framework"{,_more,_hard,_together}_cases.py; do
        [ -f "$file" ] || continue
        module=$(basename "$file" .py)
        (cd "$HOME/cwd" && "$work/venv/bin/python" -m "scenarios.$module" "${only[@]}")
    done
done
