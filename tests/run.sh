#!/bin/bash
# Runs tests: tests/run.sh KIND|SCRIPT..., of unit, process, model, e2e. Last line: "N passed, N failed".
#
# A kind is the program $BUILD/bin/KIND_tests (Catch2) and every executable tests/KIND/*.sh. A script
# says "ok - what" or "not ok - what" (or with a number for the dash) for each thing it tests; one that
# says neither counts as one test by its exit status. Logs land in $BUILD/test-logs/.
#
# Scripts run at the root of the tree, with BUILD, PYTHON and PYTHONPATH set; TEST_TMP is a folder of
# their own, removed when they passed.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
BUILD=$(realpath -m "${BUILD:-build}")
export BUILD
export PYTHON=${PYTHON:-/usr/bin/python3}
PYTHONPATH=$(realpath -m .deps/test-site)
export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
# Settings of the person who runs the tests are not part of them.
unset "${!PDF2MD_@}"
export PDF2MD_BIN=$BUILD/bin PDF2MD_HOOKS=$BUILD/hooks PDF2MD_REFERENCE=$BUILD/reference
limit_s=1800

logs=$BUILD/test-logs
mkdir -p "$logs"
passed=0
failed=0
failures=()

# Counts of a Catch2 summary, as "passed failed".
catch_counts() {
  awk '
    /^All tests passed \(/ { match($0, /in [0-9]+ test/); print substr($0, RSTART + 3, RLENGTH - 8), 0; found = 1 }
    /^test cases: / {
      p = f = 0
      for (i = 1; i < NF; i++) { if ($(i + 1) == "passed") p = $i; if ($(i + 1) == "failed") f = $i }
      print p, f; found = 1
    }
    END { if (!found) print 0, 0 }' "$1" | tail -n 1
}

# Adds one run to the totals and says how it went.
account() {  # name status passed failed seconds log
  local name=$1 status=$2 good=$3 bad=$4
  if [[ $status != 0 && $bad == 0 ]]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '%-44s %4d passed, %d failed  (%d s)\n' "$name" "$good" "$bad" "$5"
  if ((bad)); then
    failures+=("$name")
    echo "--- $name: exit status $status; the end of $6:"
    grep -E '^not ok|FAILED:|runtime error:|ERROR: AddressSanitizer|WARNING: ThreadSanitizer' "$6" | head -n 40
    tail -n 40 "$6"
    echo "---"
  fi
}

run_catch() {  # kind
  local program=$BUILD/bin/$1_tests log=$logs/$1_tests.log start=$SECONDS status=0 counts
  [[ -x $program ]] || return 0
  timeout -k 10 "$limit_s" "$program" > "$log" 2>&1 < /dev/null || status=$?
  counts=$(catch_counts "$log")
  account "$1_tests" "$status" "${counts% *}" "${counts#* }" $((SECONDS - start)) "$log"
}

run_script() {  # path
  local name=${1#tests/} log start=$SECONDS status=0 good bad
  log=$logs/$(tr / - <<< "$name").log
  TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/pdf2md-test.XXXXXX")
  export TEST_TMP
  timeout -k 10 "$limit_s" "$1" > "$log" 2>&1 < /dev/null || status=$?
  good=$(grep -c -E '^ok (-|[0-9]+) ' "$log")
  bad=$(grep -c -E '^not ok (-|[0-9]+) ' "$log")
  if ((good + bad == 0)); then
    if ((status == 0)); then good=1; else bad=1; fi
  fi
  account "$name" "$status" "$good" "$bad" $((SECONDS - start)) "$log"
  if ((status == 0)); then
    rm -rf "$TEST_TMP"
  else
    echo "    its files are kept in $TEST_TMP"
  fi
}

for kind in "$@"; do
  if [[ -f $kind ]]; then
    run_script "$kind"
    continue
  fi
  run_catch "$kind"
  for script in tests/"$kind"/*.sh; do
    if [[ -x $script ]]; then run_script "$script"; fi
  done
done

if ((passed + failed == 0)); then
  echo "no test ran: nothing was found for: $*"
  failed=1
fi
((failed == 0)) || printf 'failed: %s\n' "${failures[@]}"
echo "$passed passed, $failed failed"
((failed == 0))
