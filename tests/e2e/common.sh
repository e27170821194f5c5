# Shared by the end-to-end tests; source it first. Runs at the root of the tree (tests/run.sh).
# shellcheck shell=bash
set -uo pipefail

bin=$BUILD/bin
export data=$BUILD/data
ctl=$bin/pdf2mdctl
work=${TEST_TMP:-$(mktemp -d)}
daemons=()
failures=0

# Nothing of the person's own daemons and settings is touched.
export HOME=$work/home XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
chmod 700 "$XDG_RUNTIME_DIR"

ok() { echo "ok - $1"; }
not_ok() { echo "not ok - $1"; failures=$((failures + 1)); }
# check NAME COMMAND...: the command succeeds.
check() {
  local name=$1
  shift
  if "$@"; then ok "$name"; else not_ok "$name"; fi
}
# expect_status NAME STATUS COMMAND...
expect_status() {
  local name=$1 wanted=$2 status=0
  shift 2
  "$@" || status=$?
  if [[ $status == "$wanted" ]]; then ok "$name"; else not_ok "$name (exit $status, not $wanted)"; fi
}

# wait_until SECONDS COMMAND...: the command succeeds before the deadline.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

is_healthy() { "$ctl" --socket "$1" health --json 2> /dev/null | field status | grep -qx ok; }

# start_daemon NAME OPTION...: sets $daemon_pid and $PDF2MD_SOCKET; returns when a worker is ready.
start_daemon() {
  local name=$1
  shift
  export PDF2MD_SOCKET=$work/$name.sock
  "$bin/pdf2mdd" --socket "$PDF2MD_SOCKET" --state "$work/$name.state" --device cpu "$@" 2> "$work/$name.log" &
  daemon_pid=$!
  daemons+=("$daemon_pid")
  if ! wait_until 120 is_healthy "$PDF2MD_SOCKET"; then
    not_ok "daemon $name becomes healthy"
    tail -n 20 "$work/$name.log"
    exit 1
  fi
}

stop_daemon() {
  kill "$daemon_pid" 2> /dev/null
  wait "$daemon_pid"
}

# field NAME...: values of a JSON document on stdin, one a line; "pages.0.blocks" descends.
field() {
  "$PYTHON" -c '
import json, sys
document = json.load(sys.stdin)
for path in sys.argv[1:]:
    value = document
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    print(value if isinstance(value, str) else json.dumps(value))' "$@"
}

# resembles MARKDOWN TRUTH LEAST: the share of the truth that is there, in order.
resembles() { "$PYTHON" tests/e2e/similarity.py "$1" "$2" "$3"; }

# shellcheck disable=SC2317  # reached by the trap
finish() {
  local status=$?
  for daemon_pid in "${daemons[@]}"; do stop_daemon 2> /dev/null; done
  if ((failures)); then
    for log in "$work"/*.log; do
      [[ -e $log ]] && { echo "--- the end of $log"; tail -n 15 "$log"; }
    done
  fi
  if ((failures || status)); then exit 1; fi
  exit 0
}
trap finish EXIT
