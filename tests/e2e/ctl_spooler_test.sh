#!/bin/bash
# pdf2mdctl as a spooler, against a scripted daemon: wait, cancel, retry, rm, logs, capabilities, and which
# jobs status shows.
# shellcheck source=tests/e2e/ctl_common.sh
. "$(dirname "$0")/ctl_common.sh"

submit() { "$ctl" submit "$@" </dev/null; }
state_of() { "$ctl" status "$1" --json | "$python" -c 'import json, sys; print(json.load(sys.stdin)["state"])'; }
wait_for_state() {
  for _ in $(seq 200); do
    [ "$(state_of "$1")" = "$2" ] && return 0
    sleep 0.05
  done
  return 1
}

echo "pages=2" >a.pdf
echo "hang=1" >hang.pdf
echo "pages=1 until=$work/go" >later.pdf
echo "error=203" >locked.pdf
echo "pages=3 fail=2" >partly.pdf
printf 'noise job=11\nworker died job=1 page=3\nelsewhere job=2\nagain page=3 job=1\n' >daemon.log
start_daemon --daemon-log "$work/daemon.log"

# --- wait -------------------------------------------------------------------------------------------
done=$(submit a.pdf)
later=$(submit later.pdf)
(sleep 0.3; touch go) &
run "$ctl" wait "$done" "$later"
expect "wait" 0
check "silently" [ ! -s out -a ! -s err ]
check "until they are over" [ "$(state_of "$later")" = "done" ]
locked=$(submit locked.pdf)
partly=$(submit partly.pdf)
run "$ctl" wait "$partly"
expect "wait for one that is converted partly" 4
run "$ctl" wait "$done" "$partly" "$locked" --json
expect "wait for one that fails" 1
says "says why" "job $locked: needs a password"
check "a line of JSON for each" "$python" -c 'import json; assert [json.loads(l)["state"] for l in open("out")] == ["done", "done", "failed"]'
run "$ctl" wait 999 "$done"
expect "wait for one that is not there" 1
run "$ctl" wait
expect "wait for nothing" 2
hang=$(submit hang.pdf)
env --default-signal "$ctl" wait "$hang" &
pid=$!
sleep 0.3
kill -INT $pid
wait $pid
rc=$?
expect "an interrupt ends the waiting" 130
wait_for_state "$hang" running
check "not the job" [ "$(state_of "$hang")" = running ]

# --- status -----------------------------------------------------------------------------------------
run "$ctl" status --state not-completed
check "status of what is not completed" [ "$(awk 'NR > 1 { print $1 }' out)" = "$hang" ]
run "$ctl" status -W failed,running
check "status by several states" [ "$(awk 'NR > 1 { print $1 }' out | tr '\n' ' ')" = "$locked $hang " ]
run "$ctl" status -u "$(id -un)"
prints "status of a user" "^ *$hang "
run "$ctl" status -u 54321
prints "status of another user" "no jobs"
run "$ctl" status -u nobody-of-that-name
expect "status of nobody" 2
run "$ctl" status --state broken
expect "an unknown state" 2
run "$ctl" status 1 -u root
expect "a number and a user" 2
run timeout -s INT 2.5 "$ctl" status -w
check "status -w shows it again" [ "$(grep -c '^JOB\|^ *JOB' out)" -ge 2 ]

# --- explain ----------------------------------------------------------------------------------------
run "$ctl" explain "$done" 2
expect "explain" 0
prints "the route" "text layer *rejected"
prints "why" "31 % have no Unicode"
prints "models" "models *layout, detection"
prints "confidences" "5 by OCR, confidence 0.90, least 0.50"
prints "the worker" "worker *3 (pid 42, cpu)"
prints "deaths" "1: signal 9"
check "no control characters reach the terminal" "$python" -c 'assert "\x1b" not in open("out").read()'
run "$ctl" explain "$done" 2 --json
check "explain --json" "$python" -c 'import json; assert json.load(open("out"))["route"]["ocr_blocks"] == 5'
run "$ctl" explain "$done" 9
expect "explain of a page that is not done" 1
run "$ctl" explain "$done"
expect "explain without a page" 2

# --- retry ------------------------------------------------------------------------------------------
echo secret >passwords
run "$ctl" retry "$locked" --password-file passwords
expect "retry" 0
check "retry prints the number of the new job" [ "$(cat out)" -gt "$hang" ]
check "passwords go along" grep -q '"retried".*"passwords": \["secret"\]' "$log"
run "$ctl" retry "$done" 999
expect "retry of one that did not fail" 1
says "the reason" "job $done: did not fail"
says "and the other one is tried" "job 999"
run "$ctl" retry --state failed --json
expect "retry of all that failed" 0
prints "in JSON" "\"retry_of\":$locked"

# --- cancel and rm ----------------------------------------------------------------------------------
run "$ctl" rm "$hang"
expect "rm of a job that runs" 1
other=$(submit hang.pdf)
run "$ctl" cancel --all -u 54321
says "cancel of nobody's jobs" "there are no such jobs"
check "ends none" [ "$(state_of "$other")" != cancelled ]
run "$ctl" cancel "$hang"
expect "cancel of one job" 0
check "it is cancelled" [ "$(state_of "$hang")" = cancelled ]
run "$ctl" cancel --all --json
expect "cancel --all" 0
prints "names each" "{\"job\":$other,\"state\":\"cancelled\"}"
third=$(submit hang.pdf)
run "$ctl" cancel -x "$third"
expect "cancel and remove" 0
run "$ctl" status "$third"
expect "it is gone" 1
run "$ctl" cancel
expect "cancel of nothing" 2
run "$ctl" cancel 1 --all
expect "a number and all" 2
run "$ctl" rm "$done"
expect "rm" 0
run "$ctl" result "$done"
expect "its results are gone" 1
run "$ctl" rm --state cancelled,failed
check "rm by state" [ "$("$ctl" status -W cancelled,failed)" = "no jobs" ]
check "leaves the others" [ "$(state_of "$partly")" = "done" ]

# --- logs and capabilities --------------------------------------------------------------------------
run "$ctl" logs 1
check "the log of a job" [ "$(cat out)" = "$(printf 'worker died job=1 page=3\nagain page=3 job=1')" ]
run "$ctl" logs -n 1
check "the end of the log" [ "$(cat out)" = "again page=3 job=1" ]
"$ctl" logs 2 -f >followed 2>err &
pid=$!
sleep 0.3
echo "late job=2" >>daemon.log
for _ in $(seq 100); do grep -q late followed && break; sleep 0.05; done
check "the log as it grows" [ "$(cat followed)" = "$(printf 'elsewhere job=2\nlate job=2')" ]
kill "$pid"
run "$ctl" capabilities
prints "capabilities" "outputs *md, json"
run "$ctl" capabilities --json
check "capabilities --json" "$python" -c 'import json; assert json.load(open("out"))["max_pages"] == 77'
start_daemon
run "$ctl" logs
expect "a log that goes nowhere" 1
says "says what to do" "run it as a service"

# --- progress of other commands ---------------------------------------------------------------------
head -c 20000000 /dev/zero >big.pdf
run "$python" "$root/tests/e2e/on_terminal.py" tty "$ctl" submit big.pdf
check "a bar while a document is sent" grep -q '\[=*>* *\] .* of 19 MiB' tty
echo "pages=2 delay=0.3" >slow.pdf
run "$python" "$root/tests/e2e/on_terminal.py" tty "$ctl" convert slow.pdf -o slow.md
check "a bar while a document is converted" grep -q 'slow.pdf: \[====.* 1/2 pages' tty
echo "pages=9 delay=0.5" >slow.pdf
run "$python" "$root/tests/e2e/on_terminal.py" tty "$ctl" watch "$(submit slow.pdf)"
check "lines and bar do not mix" grep -q "$(printf '\r\033\\[Kpage [0-9] ok')" tty

check "no temporary is left" no_temporaries
finish
