#!/bin/bash
# With no daemon running, convert starts a private one; two at once start only one.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
export PDF2MD_DEVICE=cpu PDF2MD_THREADS=2

"$ctl" convert --quiet "$data/one-column.pdf" -o "$work/a.md" 2> "$work/a.err" &
first=$!
"$ctl" convert --quiet "$data/report.pdf" -o "$work/b.md" 2> "$work/b.err" &
second=$!
status=0
wait "$first" || status=$?
wait "$second" || status=$?
cat "$work/a.err" "$work/b.err"
if ((status == 0)); then ok "two converts at once, no daemon running"; else not_ok "exit $status"; fi
check "the first document is right" resembles "$work/a.md" "$data/one-column.txt" 0.99
check "the second document is right" resembles "$work/b.md" "$data/report.txt" 0.99

mapfile -t private < <(pgrep -f "^$bin/pdf2mdd .*$XDG_RUNTIME_DIR")
daemons+=("${private[@]}")
check "one private daemon serves both" test "${#private[@]}" = 1
check "its socket is for this user alone" test "$(stat -c %a "$XDG_RUNTIME_DIR/pdf2md")" = 700

"$ctl" convert --quiet "$data/one-column.pdf" > "$work/c.md"
check "a later convert uses it again" cmp "$work/c.md" "$work/a.md"
check "it is the same one" test "$(pgrep -f "^$bin/pdf2mdd .*$XDG_RUNTIME_DIR")" = "${private[0]}"

expect_status "convert --no-start starts none" 3 \
  env XDG_RUNTIME_DIR="$HOME" "$ctl" convert --no-start "$data/blank.pdf" 2> /dev/null
