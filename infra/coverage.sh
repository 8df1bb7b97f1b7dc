#!/bin/sh
# Prints the line coverage of the package posting by its own tests and fails when it is below the floor.
# Usage: infra/coverage.sh FLOOR (percent)
set -eu
cd "$(dirname "$0")/.."
floor=$1
tools=$(echo "$PWD"/.local/tools/coverage/lib/python3*/site-packages/llvm/bin)
out=target/coverage
mkdir -p "$out"
run=$(mktemp -d "$PWD/$out/run.XXXXXX")
trap 'rm -rf "$run"' EXIT

# A target directory of its own: instrumented builds would otherwise replace the ordinary ones. The pinned tools are built
# without zlib, so the names are not compressed.
export CARGO_TARGET_DIR="$PWD/$out" RUSTFLAGS="-C instrument-coverage -C llvm-args=-enable-name-compression=false"
export LLVM_PROFILE_FILE="$run/%p-%m.profraw"
binaries=$(cargo test --quiet --locked -p posting --lib --tests --no-run --message-format json |
    sed -n 's/.*"executable":"\([^"]*\)".*/-object \1/p')
cargo test --quiet --locked -p posting --lib --tests

"$tools/llvm-profdata" merge -sparse "$run"/*.profraw -o "$run/posting.profdata"
# $binaries is a list of words on purpose. Dependencies and files that are only tests do not count.
set -- -instr-profile "$run/posting.profdata" --ignore-filename-regex '(/registry/|/rustc/|/tests/|tests\.rs$)' $binaries
"$tools/llvm-cov" report "$@" --show-region-summary=false --show-branch-summary=false
"$tools/llvm-cov" export "$@" --summary-only >"$run/summary.json"
python3 - "$run/summary.json" "$floor" <<'PY'
import json, sys
lines = json.load(open(sys.argv[1]))["data"][0]["totals"]["lines"]
share, floor = 100 * lines["covered"] / lines["count"], float(sys.argv[2])
print(f"posting: {lines['covered']} of {lines['count']} lines covered, {share:.2f} %, at least {floor:g} % wanted")
sys.exit(share < floor)
PY
