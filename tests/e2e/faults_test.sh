#!/bin/bash
# Faults inside worker and reader, injected into the programs that `make hooks` builds: the same bytes as
# without, and what happened is in the log.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

document=$data/logbook.pdf
start_daemon calm --workers 1 --threads 2
expect_status "undisturbed" 0 "$ctl" convert --quiet "$document" -o "$work/calm.md"
expect_status "the calm daemon stops" 0 stop_daemon

bin=$BUILD/hooks
ctl=$bin/pdf2mdctl
export PDF2MD_FAULT_DIR=$work/faults
mkdir "$PDF2MD_FAULT_DIR"
start_daemon troubled --workers 1 --threads 2
check "readers are confined" grep -q 'confined by: seccomp' "$work/troubled.log"

suffered() { ls "$PDF2MD_FAULT_DIR/$1."*.hit.*; }
for fault in reader_crash reader_hang reader_bloat crash oom device_assert; do
  touch "$PDF2MD_FAULT_DIR/$fault.$fault"
  expect_status "$fault: converted all the same" 0 "$ctl" convert --quiet "$document" -o "$work/$fault.md"
  check "$fault: it was suffered, once" test "$(suffered "$fault" 2> /dev/null | wc -l)" = 1
  check "$fault: the same bytes" cmp "$work/$fault.md" "$work/calm.md"
done
check "a reader's crash is logged with its page" \
  grep -qE 'reader killed by signal 11.*pid=[0-9]+ job=[0-9]+ page=[0-9]+ while=' "$work/troubled.log"
check "a reader's want of memory is logged" \
  grep -qE 'reader ran out of memory|tried again by a new reader' "$work/troubled.log"
check "out of memory makes the batches smaller" grep -qE 'batch_rung=[12]' "$work/troubled.log"
check "a destroyed context ends the worker" grep -q 'exit 68' "$work/troubled.log"

# A page on which the reader fails whenever it is read: OCR reads it instead, and the page says so.
stop_daemon
export PDF2MD_READER_FAULT=crash:2
start_daemon stubborn --workers 1 --threads 2
expect_status "a page that always crashes its reader: some pages failed" 4 \
  "$ctl" convert --quiet "$data/report.pdf" -o "$work/report.md"
check "it says which page is not whole, and why" \
  grep -qE '^> \[page 2 is incomplete: the text layer could not be read: reader killed by signal 11' "$work/report.md"
check "what OCR reads of it is there" resembles "$work/report.md" "$data/report.txt" 0.95
stop_daemon

# The sandbox changes nothing in what is read, fonts and character maps that poppler loads late included.
unset PDF2MD_READER_FAULT
mkdir "$work/in" "$work/out"
start_daemon confined --workers 1 --threads 2
for name in languages figure-link scan; do "$ctl" convert --quiet "$data/$name.pdf" -o "$work/in/$name.md"; done
stop_daemon
export PDF2MD_READER_SANDBOX=off
start_daemon free --workers 1 --threads 2
check "this time readers are not confined" grep -q 'confined by: off' "$work/free.log"
for name in languages figure-link scan; do
  "$ctl" convert --quiet "$data/$name.pdf" -o "$work/out/$name.md"
done
check "confined or not, the same bytes" diff -r "$work/in" "$work/out"
