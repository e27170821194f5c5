#!/bin/bash
# pdf2mdctl top in a terminal of tmux, against the real daemon with scripted workers: what is seen, what keys
# do (looked up through status --json), and that the terminal is as it was, whatever ends the program.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

fake=$bin/fake-worker
term() { tmux -S "$work/tmux" -f /dev/null "$@"; }
seen() { term capture-pane -p -t top; }
shows() { seen | grep -qE -- "$1"; }
# fits COLUMNS LINES: so many lines, none longer.
fits() { seen | LC_ALL=C.UTF-8 "$PYTHON" -c 'import sys
lines = sys.stdin.read().split("\n")[:-1]
sys.exit(len(lines) != int(sys.argv[2]) or max(map(len, lines)) > int(sys.argv[1]))' "$@"; }
# The number in the line that is shown in reverse.
chosen() { term capture-pane -p -e -t top | grep -a '7m' | sed 's/\x1b\[[0-9;]*m//g' | awk '{ print $1; exit }'; }
# appears NAME PATTERN: on the screen, soon.
appears() { check "$1" wait_until 10 shows "$2"; }
type_keys() { term send-keys -t top "$@"; }
of_job() { "$ctl" status "$1" --json | field "$2"; }
is() { test "$("${@:2}")" = "$1"; }
becomes() { check "$1" wait_until 10 is "${@:2}"; }
of_health() { "$ctl" health --json | field "$1"; }
alternate() { term display-message -p -t top '#{alternate_on}'; }
screen_and_cursor() { term display-message -p -t top '#{alternate_on}#{cursor_flag}'; }
is_ascii() { ! seen | LC_ALL=C grep -q '[^ -~]'; }
is_colourless() { ! term capture-pane -p -e -t top | grep -q $'\x1b\\[3[0-7]m'; }
terminal_is() { wait_until 10 is "$1" alternate; }
stop_terminal() { term kill-server 2> /dev/null; }
trap 'stop_terminal; finish' EXIT

serve() {
  "$bin/pdf2mdd" --socket "$work/top.sock" --state "$work/top.state" --device cpu --worker-program "$fake" \
    --workers 2 --set queue.cache=0 2>> "$work/top.log" &
  daemon_pid=$!
  daemons+=("$daemon_pid")
}
export PDF2MD_SOCKET=$work/top.sock
serve
wait_until 30 is_healthy "$PDF2MD_SOCKET" || { not_ok "the daemon starts"; exit 1; }

# --- what is no terminal
expect_status "without a terminal it says so" 2 "$ctl" top < /dev/null
export TERM=xterm

# --- the screen
echo "pages=400" > "$work/long.pdf"
echo "pages=2" > "$work/short.pdf"
echo "no document" > "$work/bad.pdf"
job=$("$ctl" submit --name "book slow=300" "$work/long.pdf")
second=$("$ctl" submit --name "second slow=300" "$work/long.pdf")
failed=$("$ctl" submit "$work/bad.pdf")
"$ctl" wait "$failed" 2> /dev/null
term new-session -d -s top -x 80 -y 24 "env LC_ALL=C.UTF-8 PDF2MD_SOCKET=$PDF2MD_SOCKET PS1= bash --norc --noprofile"
type_keys "stty -g > $work/before; $ctl top; echo left with \$?; stty -g > $work/after" Enter
appears "the service" 'pdf2md ok +cpu +2 workers'
appears "a worker, with document and page" 'busy .*job [0-9]+ p\. [0-9]+'
appears "a job that runs" "$job +running .*/400 .*book"
appears "a job that failed, and why" "$failed +failed .*bad\.pdf"
appears "how many of each" '2 running, 0 waiting, 1 failed'
appears "pages a second, as bars" 'pages/s +[0-9.]+ .*█'
appears "the keys" 'c cancel .*q quit'
check "24 lines of at most 80 columns" fits 80 24

# --- keys
type_keys h
becomes "h holds the chosen job" true of_job "$job" held
appears "which is seen" "$job +running, held"
type_keys h
becomes "and h again releases it" false of_job "$job" held
type_keys Down h
becomes "the next one" true of_job "$second" held
type_keys h
becomes "and released" false of_job "$second" held
type_keys +
becomes "+ adds a worker" 3 of_health pool_size
appears "which is seen" '3 workers'
wait_until 10 shows '3 workers'
type_keys -- -
becomes "- takes one away" 2 of_health pool_size
type_keys d
appears "d asks first" 'hand out no more work\? \(y/n\)'
type_keys n
becomes "n leaves it" false of_health paused
type_keys d y
becomes "y drains" true of_health paused
appears "which is seen" 'drained'
type_keys d
becomes "d goes on" false of_health paused
wait_until 10 shows 'pdf2md ok'
chosen=$(chosen)
check "a job is chosen" test "$chosen" = "$second"
type_keys c
appears "c asks first, by name" "cancel job $chosen, .*\? \(y/n\)"
type_keys y
becomes "y cancels the chosen job" cancelled of_job "$chosen" state
appears "which is seen" "$chosen +cancelled"

# --- sizes, and terminals without UTF-8
term resize-window -t top -x 120 -y 40
sleep 0.5
check "a larger terminal is filled" fits 120 40
appears "with bars" '/400 +\[=*>? *\]'
term resize-window -t top -x 30 -y 6
sleep 0.5
check "a tiny one holds" fits 30 6
term resize-window -t top -x 80 -y 24
appears "and back" 'c cancel .*q quit'

# --- the daemon goes and comes
kill -9 "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
appears "a daemon that is gone is said" 'pdf2md .*top\.sock'
serve
appears "and found again" 'pdf2md ok'

# --- the terminal afterwards
type_keys q
appears "q leaves with 0" 'left with 0'
check "the terminal's modes are as they were" wait_until 5 cmp "$work/before" "$work/after"
check "and its screen and cursor" is 01 screen_and_cursor
type_keys C-l
type_keys "$ctl top" Enter
terminal_is 1
type_keys C-z
check "Ctrl-Z gives the terminal back" terminal_is 0
type_keys fg Enter
check "and fg takes it again" terminal_is 1
type_keys q
terminal_is 0
for signal in INT TERM HUP QUIT SEGV ABRT USR1; do
  rm -f "$work/after" "$work/pid"
  type_keys clear Enter
  type_keys "(echo \$BASHPID > $work/pid; exec $ctl top)" Enter
  wait_until 5 test -s "$work/pid"
  terminal_is 1
  kill -s "$signal" "$(cat "$work/pid")"
  check "SIG$signal: screen and cursor" wait_until 5 is 01 screen_and_cursor
  type_keys "echo left with \$?; stty -g > $work/after" Enter
  check "SIG$signal: modes" wait_until 5 cmp "$work/before" "$work/after"
  check "SIG$signal: told to the shell" wait_until 5 shows "left with $((128 + $(kill -l "$signal")))"
done
type_keys clear Enter
type_keys "LC_ALL=C NO_COLOR=1 $ctl top" Enter
terminal_is 1
appears "without UTF-8: still there" 'pdf2md ok'
check "without UTF-8: ASCII alone" is_ascii
check "NO_COLOR: no colours" is_colourless
type_keys q
