#!/bin/bash
# Scans in scripts that the shipped recogniser does not know: real documents, real weights, Tesseract.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

start_daemon scripts --workers 1 --threads 2
out=$work/out
mkdir -p "$out"
convert() { "$ctl" convert --quiet "$data/$1.pdf" -o "$out/$1.md" "${@:2}"; }
json() { "$ctl" convert --quiet --output json "$data/$1.pdf" -o "$out/$1.json"; }

check "the worker says what Tesseract reads" grep -qE 'read by Tesseract: Cyrillic, Greek, .*confined by seccomp' "$work/scripts.log"

declare -A script=([russian]=Cyrillic [greek]=Greek [hebrew]=Hebrew [korean]=Korean)
for language in russian greek hebrew korean; do
  name=scan-$language
  expect_status "$name: converted" 0 convert "$name"
  check "$name: the text is right and in order" resembles "$out/$name.md" "$data/$name.txt" 0.95
  json "$name"
  check "$name: the page says who read it, and why" \
    grep -q "lines read by Tesseract: they are in ${script[$language]} script" "$out/$name.json"
  check "$name: the blocks say so" \
    test "$(field pages.0.blocks.1.script < "$out/$name.json" 2> /dev/null)" = "${script[$language]}"
  again=$out/$name-again.md
  "$ctl" convert --quiet "$data/$name.pdf" -o "$again"
  check "$name: the same bytes again" cmp "$out/$name.md" "$again"
done
json scan
check "a scan that the recogniser reads is not Tesseract's" test "$(grep -c Tesseract "$out/scan.json")" = 0
expect_status "the daemon stops cleanly" 0 stop_daemon

# --- what a person has who did not install the data, or does not want it
mkdir -p "$work/tessdata"
cp -L /usr/share/tesseract-ocr/5/tessdata/osd.traineddata "$work/tessdata/"
export TESSDATA_PREFIX=$work/tessdata
start_daemon without-data --workers 1 --threads 2
check "the worker says what is missing" grep -q "Tesseract's data for them is not installed" "$work/without-data.log"
"$ctl" convert --quiet "$data/scan-greek.pdf" -o "$out/without-data.md" 2> /dev/null
check "the page says what to install" grep -q 'install tesseract-ocr-script-grek' "$out/without-data.md"
stop_daemon
unset TESSDATA_PREFIX
start_daemon unwanted --workers 1 --threads 2 --set ocr_scripts=none
expect_status "not wanted: converted by the recogniser alone" 0 "$ctl" convert --quiet "$data/scan-greek.pdf" -o "$out/unwanted.md"
expect_status "the daemon stops cleanly" 0 stop_daemon
