#!/bin/bash
# The same document gives the same bytes, whatever is killed meanwhile and however many workers there are.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

document=$data/logbook.pdf
start_daemon one --workers 1 --threads 2
expect_status "undisturbed" 0 "$ctl" convert --quiet "$document" -o "$work/undisturbed.md"
check "the text is right and in order" resembles "$work/undisturbed.md" "$data/logbook.txt" 0.98

pages_done() { "$ctl" status --json | "$PYTHON" -c '
import json, sys
jobs = json.load(sys.stdin)
jobs = jobs["jobs"] if isinstance(jobs, dict) else jobs
print(max([job["pages_done"] for job in jobs if job["state"] == "running"], default=0))'; }
some_are_done() { (($(pages_done) >= 3)); }
worker_of() { pgrep -P "$daemon_pid" -x pdf2md-worker | head -n 1; }
reader_of() { pgrep -P "$(worker_of)" -x pdf2md-reader | head -n 1; }

# kill_during NAME FUNCTION: kills what the function names once some pages are done.
kill_during() {
  local status=0 client victim
  "$ctl" convert --quiet "$document" -o "$work/$1.md" &
  client=$!
  if ! wait_until 60 some_are_done; then
    not_ok "$1: pages are done one by one"
  fi
  victim=$($2)
  if [[ -n $victim ]] && kill -0 "$client" 2> /dev/null && kill -KILL "$victim"; then
    ok "$1: killed in the middle"
  else
    not_ok "$1: nothing to kill in the middle"
  fi
  wait "$client" || status=$?
  if [[ $status == 0 ]]; then ok "$1: converted all the same"; else not_ok "$1: exit $status"; fi
  check "$1: byte-identical" cmp "$work/$1.md" "$work/undisturbed.md"
}
kill_during reader-killed reader_of
kill_during worker-killed worker_of
check "healthy afterwards" wait_until 60 is_healthy "$PDF2MD_SOCKET"

# Cancelling frees the worker at once, and what is left is nothing.
# (A shell starts what it puts into the background with SIGINT ignored.)
env --default-signal=INT "$ctl" convert --quiet "$document" -o "$work/cancelled.md" 2> /dev/null &
client=$!
wait_until 60 some_are_done
kill -INT "$client"
status=0
wait "$client" || status=$?
if ((status != 0)); then ok "interrupted: exit code"; else not_ok "interrupted: exit 0"; fi
check "interrupted: no output" test ! -e "$work/cancelled.md"
no_job_runs() { (($(pages_done) == 0)) && [[ $("$ctl" health --json | field workers_busy) == 0 ]]; }
check "interrupted: the worker is free" wait_until 10 no_job_runs

# Nothing outlives the daemon.
worker=$(worker_of)
reader=$(reader_of)
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
is_gone() { ! kill -0 "$1" 2> /dev/null; }
check "the worker leaves when its daemon is killed" wait_until 20 is_gone "$worker"
check "so does the reader" wait_until 20 is_gone "$reader"

# The killed daemon's socket is in the way, and recognised as stale.
start_daemon one --workers 2 --threads 1
ok "a new daemon replaces the stale socket"
expect_status "two workers of one thread" 0 "$ctl" convert --quiet "$document" -o "$work/two.md"
check "two workers: nearly the same text" resembles "$work/two.md" "$work/undisturbed.md" 0.99
second=0
timeout 20 "$bin/pdf2mdd" --socket "$PDF2MD_SOCKET" --state "$work/other.state" --device cpu 2> "$work/second" || second=$?
if ((second != 0 && second != 124)); then ok "a second daemon does not take the socket"; else not_ok "a second daemon started (exit $second)"; fi
check "it says who holds it" grep -qE "$daemon_pid|already|in use" "$work/second"
check "the first one still answers" is_healthy "$PDF2MD_SOCKET"
stop_daemon

# Threads are part of the settings, so bytes are compared between runs with equal ones.
start_daemon three --workers 2 --threads 2
expect_status "two workers of two threads" 0 "$ctl" convert --quiet "$document" -o "$work/three.md"
check "the number of workers changes nothing" cmp "$work/three.md" "$work/undisturbed.md"
"$ctl" convert --quiet "$document" -o "$work/four.md" &
first=$!
"$ctl" convert --quiet "$data/scan.pdf" -o "$work/scan.md"
wait "$first"
check "a neighbour in the batch changes nothing" cmp "$work/four.md" "$work/undisturbed.md"
