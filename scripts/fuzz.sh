#!/bin/bash
# Runs fuzz targets one after the other: fuzz.sh BUILD SECONDS NAME...
#
# Starts from tests/fuzz/corpus/NAME/ (kept in the tree: each crash that was found and fixed), from the
# seeds that make_seeds writes, and from what earlier runs found, in BUILD/corpus/NAME/. A crash is written to tests/fuzz/corpus/NAME/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$1
seconds=$2
shift 2
failed=0
export LLVM_PROFILE_FILE=$PWD/$build/fuzzers.profraw  # the build counts coverage: scripts/fuzz_connection.sh
"$build/bin/make_seeds" "$build/seeds" || exit 1
for name in "$@"; do
  mkdir -p "$build/corpus/$name" "$build/seeds/$name" "tests/fuzz/corpus/$name"
  echo "--- $name, $seconds s"
  if ! "$build/bin/fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="tests/fuzz/corpus/$name/" "$build/corpus/$name" "$build/seeds/$name" \
    "tests/fuzz/corpus/$name" \
    2> "$build/$name.log"; then
    tail -n 40 "$build/$name.log"
    failed=$((failed + 1))
  else
    grep -E 'number_of_executed_units|peak_rss' "$build/$name.log"
  fi
  rmdir "tests/fuzz/corpus/$name" 2> /dev/null
done
echo "$# fuzz targets, $failed crashed"
((failed == 0))
