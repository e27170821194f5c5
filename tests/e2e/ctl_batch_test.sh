#!/bin/bash
# pdf2mdctl convert -r against a scripted daemon: folders, lists, names, what is done already, retries,
# interrupts, the record, progress on a terminal.
# shellcheck source=tests/e2e/ctl_common.sh
. "$(dirname "$0")/ctl_common.sh"

on_terminal=$root/tests/e2e/on_terminal.py
# record EXPRESSION: true of the record d of the folder res.
record() { "$python" -c "import json; d = json.load(open('res/results.json')); assert $1, d"; }
is_whole_json() { "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"; }
submitted() { grep -c '"event": "submitted"' "$log" || true; }

mkdir -p in/sub/deep in/other
echo "pages=2" >in/a.pdf
echo "pages=1 assets=1" >in/sub/a.pdf
echo "pages=4 fail=2,3 degrade=4" >in/sub/deep/partly.pdf
echo "error=203" >in/other/locked.pdf
echo "pages=1" >"in/other/A b.PDF"
echo "no document" >in/notes.txt

# --- usage ------------------------------------------------------------------------------------------
run "$ctl" convert -r in
expect "a batch without a folder for its results" 2
run "$ctl" convert -r in -o -
expect "a batch on standard output" 2
run "$ctl" convert -r -o res
expect "a batch of nothing" 2
run "$ctl" convert -r in - -o res
expect "standard input in a batch" 2
for part in 0/2 3/2 x/y 2; do
  run "$ctl" convert -r in -o res --shard $part
  expect "--shard $part" 2
done
mkdir empty
run "$ctl" convert -r empty -o res
expect "no documents" 1
says "no documents: it is said" "no PDFs found in empty"
absent "and nothing is made" res
run "$ctl" convert in -o res/
expect "a folder without -r" 1
says "it is said how" "-r converts the documents in it"
run "$ctl" --socket "$work/none" convert -r in -o res
expect "no daemon" 3

# --- names ------------------------------------------------------------------------------------------
start_daemon --workers 3
run "$ctl" convert -r in -o res/
expect "a folder, one failed" 1
check "a folder for each, as in the tree" test -f res/a/a.md -a -f res/sub/a/a.md -a -f "res/other/A b/A b.md"
check "with its images" test -f res/sub/a/a_assets/p0001-1.png
check "linked" grep -q '(a_assets/p0001-1.png)' res/sub/a/a.md
absent "a failed one has none" res/other/locked
says "a line for each" '\] in/a.pdf: 2 pages, [0-9.]* s, [0-9.]* s/page'
says "with what failed in it" "in/sub/deep/partly.pdf: 4 pages,.*; pages 2, 3 failed; page 4 degraded"
says "and why one failed" "failed: in/other/locked.pdf: needs a password (give it with --password-file)"
says "the daemon's health comes first" "5 documents to convert, 0 up to date; 3 at once; the daemon is ok (3 workers)"
says "the summary counts" "5 documents: 3 converted, 1 partly, 1 failed, 0 skipped"
says "and names the failed ones" "^  in/other/locked.pdf: needs a password"
check "the record counts" record "(d['total'], d['processed'], d['successful'], d['partly'], d['failed'], d['state']) == (5, 5, 4, 1, 1, 'finished')"
check "the record names" record "[e['name'] for e in d['documents'] if e['state'] == 'partly'] == ['sub/deep/partly/partly']"
check "documents are named as seen from the record" record "d['documents'][0]['document'] == '../in/a.pdf'"
rm -rf res

run "$ctl" convert -r in in/sub/deep -o res --flat --output md,json
expect "flat" 1
check "all in one folder, collisions with numbers" test -f res/a.md -a -f res/a_1.md -a -f "res/A b.md" -a -f res/partly.json
check "each with its images" test -f res/a_1_assets/p0001-1.png -a ! -e res/a_assets
check "links lead there" grep -q '(a_1_assets/p0001-1.png)' res/a_1.md
check "a document that was named twice is one" record "d['total'] == 5"

# --- again ------------------------------------------------------------------------------------------
before=$(submitted)
run "$ctl" convert -r in -o res --flat
expect "again: the failed one" 1
check "only that is sent" [ "$(submitted)" -eq $((before + 1)) ]
says "the others are up to date" "5 documents: 0 converted, 0 partly, 1 failed, 4 skipped"
check "what the record knew of them stays" record "sorted(e['state'] for e in d['documents']) == ['converted', 'converted', 'converted', 'failed', 'partly']"
run "$ctl" convert -rq in/sub/deep -o res --flat
check "nothing to do, quietly" [ "$rc" -eq 0 -a ! -s err ]
check "nothing to do needs no daemon" env PDF2MD_SOCKET=/nowhere "$ctl" convert -rq in/sub/deep -o res --flat
run "$ctl" convert -rf in/sub/deep -o res --flat
expect "--force" 4
mkdir -p in/aaa
echo "pages=9" >in/aaa/a.pdf
cp res/a.md a.before
run "$ctl" convert -r in/aaa in/sub -o res --flat --no-images
check "a new document takes no other's name" grep -q '^# a.pdf' res/a_2.md
check "nor its result" cmp -s res/a.md a.before
touch -d '1 hour ago' res/a.md
before=$(submitted)
run "$ctl" convert -r in/a.pdf in/sub -o res --flat
check "one that has changed is converted again" [ "$(submitted)" -eq $((before + 1)) ]
mkdir moved
mv in res moved/
before=$(submitted)
run "$ctl" convert -r moved/in/sub -o moved/res --flat
check "documents and results may be moved together" [ "$(submitted)" -eq "$before" ]
mv moved/in moved/res .
touch res/.pdf2mdctl-1-1.tmp
run "$ctl" convert -r in -o res --flat --log
check "what a killed one left is removed" record "d['cleaned_away']['temporaries'] == 1"
check "a log" grep -q '^20..-..-.. ..:..:.. \[1/1\] failed: in/other/locked.pdf' res/convert.log

# --- lists and parts --------------------------------------------------------------------------------
rm -rf res
odd=$(printf 'odd\nname.pdf')
echo "pages=1" >"$odd"
printf '%s\0%s\0' "$odd" in/a.pdf >list
run sh -c "'$ctl' convert --files-from - -o res --flat < list"
expect "a list from standard input" 0
check "its names may hold line ends" test -f "res/$(printf 'odd\nname').md" -a -f res/a.md
printf 'in/notes.txt\nin/none.pdf\n' >list
run "$ctl" convert --files-from list -o res
expect "a list with one that is missing" 1
check "what is named is taken, whatever its ending" test -f res/notes/notes.md
says "the missing one is named" "in/none.pdf: No such file"
for i in $(seq 40); do echo "pages=1" >"in/other/$i.pdf"; done
rm -rf res
before=$(submitted)
for part in 1/3 2/3 3/3; do "$ctl" convert -rq in/other -o res --flat --shard $part 2>/dev/null & pids[${part%/3}]=$!; done
wait "${pids[@]}"
check "parts: each document once" [ "$(submitted)" -eq $((before + 42)) ]
check "parts: all results" [ "$(find res -name '*.md' | wc -l)" -eq 41 ]
check "parts: a record each" [ "$(find res -name 'results-*-of-3.json' | wc -l)" -eq 3 ]
run "$ctl" convert -r in/other -o res --flat
says "parts: then nothing is left" "42 documents: 0 converted, 0 partly, 1 failed, 41 skipped"

# --- a line of JSON for each ------------------------------------------------------------------------
rm -rf res
run "$ctl" convert -r --json in/sub in/other/locked.pdf -o res
check "--json" "$python" -c 'import json; d = sorted((e["input"], e["exit"]) for e in map(json.loads, open("out"))); assert d == [("in/other/locked.pdf", 1), ("in/sub/a.pdf", 0), ("in/sub/deep/partly.pdf", 4)], d'

# --- troubles of the daemon -------------------------------------------------------------------------
rm -rf res
start_daemon --fault drop:1
run "$ctl" convert -r in/sub -o res -j 1
expect "a connection that is lost is tried again" 4
says "it is said" "in/sub/a.pdf: the daemon closed the connection; try 2 in 1.0 s"
says "and counted" "tried again: 1"
start_daemon --fault drop:9
run "$ctl" convert -r in/sub -o res --retries 0 --force
expect "a daemon that is lost ends it" 3
says "the rest remains" "the daemon is gone; the same command goes on from here"
start_daemon
before=$(submitted)
run "$ctl" convert -r in/other/locked.pdf -o res
check "a document's own fault is not tried again" [ "$(submitted)" -eq 1 ]
start_daemon --health failing
run "$ctl" convert -rf in/sub -o res
expect "a daemon that cannot convert" 1
says "nothing is begun there" "the daemon cannot convert at present"
check "nothing was sent" [ "$(submitted)" -eq 0 ]

# --- interrupts -------------------------------------------------------------------------------------
rm -rf res in
mkdir in
for i in 1 2 3 4 5 6; do echo "pages=1 until=$work/go" >in/$i.pdf; done
start_daemon --workers 2
env --default-signal "$ctl" convert -r in -o res --flat >stdout 2>err &
pid=$!
wait_for '"job": 2'
check "one folder, one program" sh -c "'$ctl' convert -r in -o res --flat 2>&1 | grep -q 'another pdf2mdctl is writing there'"
kill -INT "$pid"
for _ in $(seq 100); do grep -q "interrupted" err && break; sleep 0.05; done
says "once: it is said what happens" "interrupted: what runs is finished"
touch go
wait "$pid"
rc=$?
expect "once: it ends by the signal" 130
check "once: what ran is finished" [ "$(find res -name '*.md' | wc -l)" -eq 2 ]
check "once: nothing else is begun" [ "$(submitted)" -eq 2 ]
says "once: what remains is counted" "6 documents: 2 converted, 0 partly, 0 failed, 0 skipped (up to date), 4 remain"
check "once: the record says so" record "(d['state'], d['processed'], d['remaining']) == ('stopped', 2, 4)"
rm go
env --default-signal "$ctl" convert -r in -o res --flat >stdout 2>err &
pid=$!
wait_for '"job": 4'
kill -INT "$pid"
for _ in $(seq 100); do grep -q "interrupted" err && break; sleep 0.05; done
kill -INT "$pid"
wait "$pid"
rc=$?
expect "twice: it ends by the signal" 130
check "twice: what runs is cancelled" [ "$(grep -c '"event": "cancel"' "$log")" -eq 2 ]
check "twice: nothing is written" [ "$(find res -name '*.md' | wc -l)" -eq 2 ]
check "twice: no half of a file" no_temporaries
check "twice: the record is whole" is_whole_json res/results.json
touch go
run "$ctl" convert -r in -o res --flat
expect "then the rest" 0
says "is converted" "6 documents: 4 converted, 0 partly, 0 failed, 2 skipped"
rm go
env --default-signal "$ctl" convert -rf in -o killed --flat >stdout 2>err &
pid=$!
wait_for '"job": 10'
kill -KILL "$pid"
wait "$pid" 2>/dev/null
touch go
check "a killed one holds no lock" "$ctl" convert -rq in -o killed --flat

# --- progress ---------------------------------------------------------------------------------------
rm -f go
run "$python" "$on_terminal" --keys '0/6 documents=^C' --keys 'once more cancels=^C' tty "$ctl" convert -r in -o bar --flat
expect "Ctrl-C on a terminal" 130
check "a bar" grep -q '\[ *\] 0/6 documents, 0 pages' tty
touch go
run "$python" "$on_terminal" --columns 60 tty "$ctl" convert -r in -o bar --flat
expect "on a narrow terminal" 0
check "no line is longer than that" "$python" -c 'import re; lines = [l for l in re.split(r"\r(?:\x1b\[K|\n)", open("tty", newline="").read()) if "/6 documents," in l]; assert lines and max(map(len, lines)) < 60, lines'
check "the line is gone at the end" sh -c "tail -n 1 tty | grep -q '^record: '"
run "$python" "$on_terminal" tty env TERM=dumb "$ctl" convert -rf in -o bar --flat
check "no bar on a dumb terminal" sh -c "! grep -q '\[=' tty"

check "no temporary is left" no_temporaries
finish
