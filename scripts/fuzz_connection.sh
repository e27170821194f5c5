#!/bin/bash
# Fuzzes the daemon's control connection, and says how much of the decoder that has reached:
# fuzz_connection.sh BUILD FRAMES [FIRST]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$1
shift
# One profile for each program, named by it; asking for the version tells the daemon's.
export LLVM_PROFILE_FILE=$PWD/$build/profiles/%m.profraw
rm -rf "$build/profiles"
"$build/bin/pdf2mdd" --version || exit 1
profile=$(echo "$build"/profiles/*)
# What ASan keeps back of freed memory would look like growth.
export ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=1
"$build/bin/fuzz-connection" "$build/bin" "$@" || exit 1
llvm-profdata merge -sparse "$profile" -o "$build/coverage" || exit 1
# Columns: file, then total, missed and covered of regions, functions and lines.
llvm-cov report "$build/bin/pdf2mdd" -instr-profile="$build/coverage" \
  proto/value.cc proto/frame.cc proto/fields.h |
  awk '/(value|frame)\.cc|fields\.h|^TOTAL/ { printf "lines covered: %-16s %s of %d\n", $1, $10, $8 }'
