# Shared by the tests of pdf2mdctl against a scripted daemon; source it first.
# Needs $BUILD/bin/pdf2mdctl (BUILD: build), and a Python with msgpack (PYTHON: python3).
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2317  # used by those that source it
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath -m "${BUILD:-$root/build}")
ctl=$build/bin/pdf2mdctl
fake=$root/tests/e2e/fake_daemon.py
python=${PYTHON:-python3}
work=$(mktemp -d)
log=$work/log
passed=0
failed=0
daemons=()
cd "$work" || exit 1

stop_daemons() {
  for pid in "${daemons[@]}"; do kill "$pid" 2>/dev/null; done
  # Private daemons are no children of ours: their log says who they are.
  if [ -f private.log ]; then
    grep -o '"pid": [0-9]*' private.log | grep -o '[0-9]*' | while read -r pid; do
      kill "$pid" 2>/dev/null
    done
  fi
}
trap 'stop_daemons; rm -rf "$work"' EXIT

# verdict NAME: by the exit status of the command before it.
verdict() {
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok - $1"
  else
    failed=$((failed + 1))
    echo "not ok - $1"
    sed 's/^/#   /' out err 2>/dev/null | head -20
  fi
}
check() {
  local name=$1
  shift
  "$@"
  verdict "$name" $?
}
run() {
  rc=0
  "$@" >out 2>err </dev/null || rc=$?
}
# expect NAME CODE: the exit code of the last run.
expect() { check "$1 (exit $2, was $rc)" [ "$rc" -eq "$2" ]; }
says() { check "$1" grep -q -- "$2" err; }
prints() { check "$1" grep -q -- "$2" out; }
absent() { check "$1" test ! -e "$2"; }
wait_for() {  # a line in the log of the fake daemon
  for _ in $(seq 200); do
    grep -q -- "$1" "$log" && return 0
    sleep 0.05
  done
  return 1
}
no_temporaries() { [ -z "$(find . -name '*.tmp')" ]; }

# start_daemon ARGUMENTS...: a fresh daemon and an empty log; PDF2MD_SOCKET leads to it.
start_daemon() {
  rm -f "$log" sock
  "$python" "$fake" --socket "$work/sock" --log "$log" "$@" 2>fake.err &
  daemons+=($!)
  for _ in $(seq 200); do
    [ -S sock ] && break
    sleep 0.05
  done
  export PDF2MD_SOCKET=$work/sock
}

# finish: how many passed; the status of the script.
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
