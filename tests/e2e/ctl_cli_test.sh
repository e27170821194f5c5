#!/bin/bash
# pdf2mdctl against a scripted daemon: exit codes, places of results, pipes, signals, faults.
# Needs $BUILD/bin/pdf2mdctl (BUILD: build), and a Python with msgpack (PYTHON: python3).
# shellcheck source=tests/e2e/ctl_common.sh
. "$(dirname "$0")/ctl_common.sh"

echo "a document pages=3" >a.pdf
echo "pages=4 fail=2,3 degrade=4" >partly.pdf
echo "error=203" >locked.pdf
echo "pages=1 assets=2" >figures.pdf

# --- usage ------------------------------------------------------------------------------------------
run "$ctl"
expect "no command" 2
run "$ctl" frobnicate
expect "unknown command" 2
run "$ctl" convert --frobnicate a.pdf
expect "unknown option" 2
says "unknown option is named" "unknown option --frobnicate"
run "$ctl" status --pages 3
expect "option of another command" 2
for range in 7-3 0 x 1,,2 - "" 3-x; do
  run "$ctl" convert "--pages=$range" a.pdf
  expect "page range \"$range\" is refused" 2
  says "page range \"$range\": how to write it" "3-7,12"
done
run "$ctl" convert --timeout soon a.pdf
expect "bad duration" 2
run "$ctl" convert --password-file - -
expect "document and passwords from one input" 2
run "$ctl" watch seven
expect "job that is no number" 2
run "$ctl" help convert
expect "help" 0
prints "help explains" "--password-file"
for command in "" $("$ctl" completion fish | sed -n "s/.*__fish_use_subcommand -a '\\(.*\\)'/\\1/p"); do
  # shellcheck disable=SC2086
  run "$ctl" help $command
  check "help $command fits a screen" awk 'length > 80 { exit 1 } END { if (NR > 24) exit 1 }' out
done
run "$ctl" --version
expect "--version" 0

# --- no daemon ---------------------------------------------------------------------------------------
run "$ctl" --socket "$work/none" status
expect "no daemon" 3
run "$ctl" --socket "$work/none" convert a.pdf
expect "a socket that is named is not replaced by a private daemon" 3

# --- results -----------------------------------------------------------------------------------------
start_daemon
run "$ctl" convert a.pdf
expect "one document" 0
prints "one document goes to standard output" "# a.pdf"
check "standard error is silent when it is no terminal" [ ! -s err ]
check "standard output gets no images" grep -q '"images": false' "$log"
run sh -c "cat a.pdf | '$ctl' convert -"
prints "standard input through a pipe" "# stdin"
run sh -c "'$ctl' convert < a.pdf"
prints "standard input from a file, no operand" "# stdin"
run sh -c "(read line; '$ctl' convert -) < a.pdf"
expect "standard input that has been read to its end" 0
check "only the rest of it is sent" grep -q '"bytes": 0' "$log"
head -c 3000000 /dev/zero >big.pdf
run sh -c "cat big.pdf | '$ctl' convert - -o big.md"
expect "a large document through a pipe" 0
check "all bytes arrive" grep -q '"bytes": 3000000, "size": 3000000' "$log"
run "$ctl" convert missing.pdf
expect "missing file" 1
says "missing file is named" "^missing.pdf: No such file"
run "$ctl" convert .
expect "folder as a document" 1

run "$ctl" convert figures.pdf -o dest/
expect "into a folder" 0
check "Markdown there" test -f dest/figures.md
check "images there" test -f dest/figures_assets/p0001-2.png
check "links lead to the images" grep -q '(figures_assets/p0001-1.png)' dest/figures.md
cp figures.pdf "my figures (1).pdf"
run "$ctl" convert "my figures (1).pdf" -o "my figures (1).md"
check "links are encoded" grep -q '(my%20figures%20%281%29_assets/p0001-1.png)' "my figures (1).md"
check "folders are not" test -f "my figures (1)_assets/p0001-1.png"
run "$ctl" convert --no-images figures.pdf -o bare/
absent "--no-images" bare/figures_assets
run "$ctl" convert a.pdf figures.pdf
expect "several documents" 0
check "several documents go beside their sources" test -f a.md -a -f figures.md
run "$ctl" convert a.pdf figures.pdf -o one.md
expect "several documents, one file" 2
run "$ctl" convert a.pdf figures.pdf -o -
check "several documents on standard output, in order" [ "$(grep '^#' out | tr -d '\n')" = "# a.pdf# figures.pdf" ]
run "$ctl" convert a.pdf --output md,json
check "two outputs go beside the source" test -f a.json -a ! -s out
run "$ctl" convert a.pdf --output md,json -o both.md
check "two outputs by one name" test -f both.md -a -f both.json
run "$ctl" convert a.pdf --output doc
expect "unknown output" 2
mkdir -p sub && cp a.pdf sub/a.pdf
run "$ctl" convert a.pdf sub/a.pdf -o dest/
expect "two documents, one place" 2
says "both are named" "a.pdf and sub/a.pdf would both be written to dest/a.md"
cp a.pdf notes.md
run "$ctl" convert notes.md -o ./notes.md
expect "the input is not overwritten" 2
check "it is as it was" cmp -s notes.md a.pdf
ln -sf notes.md link.md
run "$ctl" convert a.pdf notes.md -o link.md
expect "nor as one of several" 2
run "$ctl" convert notes.md -o link.md
expect "nor through a link" 2
echo old >target.md
ln -sf target.md alias.md
run "$ctl" convert a.pdf -o alias.md
check "a link stays a link, its target is replaced" test -L alias.md -a "$(head -c 1 target.md)" = "#"
run "$ctl" convert a.pdf -o /dev/null
check "a device is written to, not replaced" test "$rc" -eq 0 -a -c /dev/null
run "$ctl" convert a.pdf -o /proc/nowhere/a.md
expect "a place that cannot be written" 1
run sh -c "'$ctl' convert a.pdf > /dev/full"
expect "a full disk on standard output" 1
run "$ctl" convert --json a.pdf -o json.md
check "a line of JSON" "$python" -c 'import json; d = json.load(open("out")); assert d["files"] == ["json.md"] and d["error"] is None'

# --- documents that fail -----------------------------------------------------------------------------
rm -f locked.md
run "$ctl" convert locked.pdf -o locked.md
expect "a failed document" 1
check "says what to do" [ "$(cat err)" = "locked.pdf: needs a password (give it with --password-file)" ]
absent "writes nothing" locked.md
run "$ctl" convert partly.pdf
expect "failed pages" 4
says "failed pages are named" "partly.pdf: pages 2, 3 failed"
says "degraded pages are named" "partly.pdf: page 4 is degraded"
run "$ctl" convert partly.pdf a.pdf
expect "several, one partly" 4
run "$ctl" convert partly.pdf locked.pdf a.pdf missing.pdf
expect "several, one failed" 1
check "the others are converted" test -f a.md -a -f partly.md
says "summary" "4 documents: 1 converted, 1 partly, 2 failed"
printf 'first\n\nsecond\r\n' >passwords
run "$ctl" convert a.pdf --password-file passwords --ocr always --pages 2- --timeout 10m --page-separator '\n--\n'
check "options arrive" grep -q '"pages": "2-".*"timeout_ms": 600000, "passwords": \["first", "second"\].*"page_separator": "\\n--\\n",.* "ocr": "always"' "$log"

# --- the spooler -------------------------------------------------------------------------------------
run "$ctl" submit figures.pdf
expect "submit" 0
job=$(cat out)
check "submit prints the number alone" grep -qx '[0-9]*' out
check "a submitted job is not attached" grep -q "\"job\": $job, .*\"attached\": false" "$log"
run "$ctl" submit -q 80 --hold --output md,html --mode grounded figures.pdf a.pdf
expect "several documents are submitted" 0
check "a number for each" [ "$(grep -cx '[0-9]*' out)" = 2 ]
run "$ctl" status "$(tail -n 1 out)"
prints "-q is the priority, as lp has it" "priority *80"
check "how outputs are made arrives" grep -q '"outputs": \["md", "html"\].*"mode": "grounded"' "$log"
run "$ctl" submit --wait a.pdf partly.pdf
expect "submit --wait ends as the jobs do" 4
says "submit --wait says what failed" "pages 2, 3 failed"
run "$ctl" submit missing.pdf a.pdf
expect "one that is not there" 1
check "the others are submitted" grep -qx '[0-9]*' out
run "$ctl" watch "$job"
expect "watch" 0
run "$ctl" result "$job" -o results/
expect "result into a folder" 0
check "all outputs are there" test -f results/figures.md -a -f results/figures_assets/p0001-2.png
run "$ctl" result "$job"
prints "result on standard output" "# figures.pdf"
run "$ctl" result "$job" --output assets/p0001-1.png
prints "an image" "figure 1"
run "$ctl" result "$job" --output json
expect "an output that is not there" 1
run "$ctl" result 999
expect "a job that is not there" 1
run "$ctl" status "$job"
prints "status of a job" "assets/p0001-1.png"
for command in "status" "status $job" "workers" "health" "version" "watch $job" "status 999"; do
  # shellcheck disable=SC2086
  run "$ctl" $command --json
  check "$command --json is JSON" "$python" -c 'import json; json.loads(open("out").readlines()[-1])'
done
run "$ctl" workers
check "no control characters reach the terminal" "$python" -c 'assert "\x1b" not in open("out").read()'
printf 'pages=1' >"$(printf 'a\001\377"b.pdf')"
run sh -c "'$ctl' submit a?*b.pdf --json"
check "a strange name is escaped" "$python" -c 'import json; assert json.load(open("out"))["name"] == "a\x01\ufffd\"b.pdf"'
echo "hang=1" >hang.pdf
run "$ctl" submit hang.pdf --hold -p 80
job=$(cat out)
run "$ctl" status "$job"
prints "a held job is shown as held" "held"
prints "its priority too" "priority *80"
run "$ctl" release "$job" --json
prints "release" "{\"job\":$job,\"held\":false}"
run "$ctl" priority "$job" 7
expect "priority" 0
run "$ctl" status
prints "priority and time left are listed" "$job *running *7 .* 1 min 30 s"
run "$ctl" hold 999 "$job"
expect "hold goes on after a job that is not there" 1
says "and names it" "job 999"
says "and the one that is held" "job $job is held"
run "$ctl" cancel "$job"
expect "cancel" 0
run "$ctl" result "$job"
expect "result of a cancelled job" 1
run "$ctl" watch "$job"
expect "watch of a cancelled job" 1
run "$ctl" cancel 999
expect "cancel of a job that is not there" 1

# --- signals and pipes ---------------------------------------------------------------------------------
echo "pages=1 size=3000000" >long.pdf
set +e
"$ctl" convert long.pdf 2>err | head -c 10 >out
rc=${PIPESTATUS[0]}
expect "the reader leaves during the result" 141
check "quietly" [ ! -s err ]
: >"$log"
"$ctl" convert hang.pdf 2>err | wait_for submitted
rc=${PIPESTATUS[0]}
expect "the reader leaves before the result" 141
check "the job is cancelled" wait_for disconnected
for signal in INT:130 TERM:143 HUP:129; do
  : >"$log"
  env --default-signal "$ctl" convert hang.pdf -o hang.md >out 2>err &
  pid=$!
  wait_for submitted
  kill "-${signal%:*}" "$pid"
  wait "$pid" 2>/dev/null
  rc=$?
  expect "SIG${signal%:*}" "${signal#*:}"
  check "SIG${signal%:*} cancels the job" grep -q '"event": "cancel"' "$log"
  says "SIG${signal%:*} says so" "hang.pdf: cancelled"
done
absent "nothing is written" hang.md
mkfifo never
env --default-signal "$ctl" convert never -o never.md >out 2>err &
pid=$!
sleep 0.3
kill -INT "$pid"
wait "$pid"
rc=$?
expect "SIGINT before a pipe has a writer" 130
: >"$log"
env --default-signal "$ctl" convert hang.pdf a.pdf hang.pdf a.pdf -o many/ -j 1 >out 2>err &
pid=$!
wait_for submitted
kill -INT "$pid"
wait "$pid"
rc=$?
absent "after an interrupt no other document is begun" many/a.md
run "$ctl" convert a.pdf hang.pdf -o same/ --name x
expect "--name with several documents" 2
check "no temporary is left" no_temporaries

# --- a daemon that is busy or broken -----------------------------------------------------------------
start_daemon --fault busy:3
run "$ctl" convert a.pdf
expect "busy three times, then not" 0
says "the waiting is explained" "the daemon is busy (queue full); waiting"
start_daemon --fault busy:9
run "$ctl" convert --patience 0 a.pdf
expect "busy, no patience" 1
run "$ctl" submit --patience 0.2 a.pdf
expect "busy, little patience" 1
start_daemon --fault early-busy:2
run sh -c "cat big.pdf | '$ctl' convert -q - -o again.md"
expect "busy before all data is sent" 0
check "the whole document is sent again" grep -q '"bytes": 3000000' "$log"
start_daemon --fault garbage
run "$ctl" convert a.pdf
expect "a daemon that sends garbage" 1
start_daemon --fault cut
run "$ctl" convert a.pdf
expect "a daemon that dies within a frame" 3
start_daemon --fault short
rm -f short.md
run "$ctl" convert a.pdf -o short.md
expect "a result that lacks a byte" 1
absent "is not written" short.md
start_daemon --fault version
run "$ctl" convert a.pdf
expect "a daemon of another version" 1
says "the daemon's hint is shown" "upgrade"
start_daemon --health degraded
run "$ctl" health
expect "health: degraded" 4
start_daemon --health failing
run "$ctl" health
expect "health: failing" 1
run "$ctl" health --ready
expect "health --ready where it is not" 1
run "$ctl" health --live
expect "health --live where it is not ready" 0
start_daemon --journal "the disk is full"
run "$ctl" spool
expect "spool: a journal that cannot be written" 1
prints "says why" "journal *the disk is full"
start_daemon
run "$ctl" spool
expect "spool" 0
prints "spool lists jobs" "7 *done *4.0 KiB"
check "no control characters of a name reach the terminal" "$python" -c 'assert "\x1b" not in open("out").read()'
run "$ctl" health --ready
expect "health --ready" 0
start_daemon --limit 1000
run "$ctl" convert big.pdf
expect "a document that is too large" 1
says "it says how large it may be" "1000 B"
start_daemon
kill -STOP "${daemons[-1]}"
"$ctl" convert a.pdf >out 2>err &
pid=$!
sleep 0.2
kill -TERM "$pid"
wait "$pid"
rc=$?
kill -CONT "${daemons[-1]}"
expect "a daemon that does not answer can be left" 143

# --- a private daemon --------------------------------------------------------------------------------
unset PDF2MD_SOCKET
if [ -S /run/pdf2md/pdf2md.sock ]; then
  echo "# a system daemon runs here: private daemons are not tested"
else
  mkdir -p -m 700 run
  cat >fake_pdf2mdd <<END
#!/bin/sh
exec "$python" "$fake" "\$@"
END
  chmod +x fake_pdf2mdd
  build_id=$("$ctl" --version | sed 's/.*build \(.*\))/\1/')
  export XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state PDF2MD_DAEMON=$work/fake_pdf2mdd
  export FAKE_LOG=$work/private.log FAKE_BUILD=$build_id
  starts() { [ "$(grep -c '"event": "start"' private.log)" -eq "$1" ]; }
  run "$ctl" convert --no-start a.pdf
  expect "--no-start" 3
  run "$ctl" status
  expect "status starts no daemon" 3
  run "$ctl" convert missing.pdf
  absent "nothing to do starts no daemon" private.log
  pids=()
  for i in 1 2 3 4 5; do
    "$ctl" convert a.pdf -o "private$i.md" 2>"err$i" &
    pids+=($!)
  done
  rc=0
  for pid in "${pids[@]}"; do wait "$pid" || rc=$?; done
  expect "five at once" 0
  check "one daemon is started for them" starts 1
  check "in a session of its own" "$python" -c 'import json; d = json.loads(open("private.log").readline()); assert d["pid"] == d["session"]'
  check "folders are closed to others" [ "$(stat -c %a run/pdf2md state/pdf2md/private | tr -d '\n')" = 700700 ]
  run "$ctl" status
  expect "status finds the private daemon" 0
  # The file descriptors of the caller are not kept open by the daemon.
  check "a pipe's reader is not kept waiting" timeout 5 sh -c "'$ctl' convert a.pdf | cat >/dev/null"
  export FAKE_BUILD=other
  kill "$(grep -o '"pid": [0-9]*' private.log | grep -o '[0-9]*')"
  for _ in $(seq 100); do [ -S run/pdf2md/private.sock ] || break; sleep 0.05; done
  run "$ctl" convert a.pdf
  check "an ended daemon is started again" starts 2
  run "$ctl" convert a.pdf
  check "a daemon of another build is kept where there is no better one" starts 2
  export FAKE_BUILD=$build_id
  run "$ctl" convert a.pdf
  expect "an idle daemon of another build is replaced" 0
  check "by one new daemon" starts 3
  kill "$(tail -n 3 private.log | grep -o '"pid": [0-9]*' | grep -o '[0-9]*' | tail -n 1)"
  for _ in $(seq 100); do [ -S run/pdf2md/private.sock ] || break; sleep 0.05; done
  FAKE_FAULT=exit:78 run "$ctl" convert a.pdf
  expect "a daemon that cannot start" 3
  says "its exit code is told" "ended with exit code 78"
  says "the end of its log is shown" "fake daemon: cannot go on"
  PDF2MD_DAEMON=$work/none run "$ctl" convert a.pdf
  expect "no program to start" 3
  chmod 755 run/pdf2md
  run "$ctl" convert a.pdf
  expect "a folder that others can enter is not used" 1
fi

check "no temporary is left" no_temporaries
finish
