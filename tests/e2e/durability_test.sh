#!/bin/bash
# What is said to clients is synced first, and what was synced is enough to go on: from a trace of the daemon's system
# calls, with power cuts in a model (tests/durability/durability.py).
source tests/e2e/common.sh

if ! strace -qq -o /dev/null true 2> "$work/strace.log"; then
  echo "ok - skipped: strace cannot trace here: $(tail -n 1 "$work/strace.log")"
  exit 0
fi
mkdir "$work/life"
"$PYTHON" tests/durability/durability.py --programs "$bin" --folder "$work/life" --seed "${SEED:-$RANDOM}" || failures=1
