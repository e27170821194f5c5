#!/bin/bash
# Real documents, real weights, on the CPU: what a person sees of each of them.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

start_daemon content --workers 1 --threads 2
out=$work/out
mkdir -p "$out"
convert() { "$ctl" convert --quiet "$data/$1.pdf" -o "$out/$1.md" "${@:2}"; }
has() { grep -qE -- "$2" "$out/$1.md"; }
lacks() { ! grep -qE -- "$2" "$out/$1.md"; }

# --- digital documents: every character, in order
for name in one-column two-columns report tables-lists languages rotated figure-link blank-between hidden-text; do
  expect_status "$name: converted" 0 convert "$name"
  check "$name: the text is right and in order" resembles "$out/$name.md" "$data/$name.txt" 0.99
done
check "one-column: the title is a heading" has one-column '^# The Northern Light$'
check "one-column: sections are headings" has one-column '^##+ The tides$'
check "one-column: a paragraph is one line, words put together again" \
  has one-column 'although the first plan had allowed for four years\. Its foundations rest'
check "two-columns: a column is read to its end" has two-columns 'measurement\. It adds up some forty harmonic terms'
check "report: chapters are headings" has report '^#+ 3 Dues$'
check "report: sections lie below chapters" has report '^##+ 3\.1 Summary of dues$'
check "report: running headers are left out" lacks report 'volume seven'
check "report: page numbers are left out" lacks report '^[0-9]+$'
check "tables-lists: the table is a table" has tables-lists '^\| *Lamp oil *\| *litre *\| *840 *\| *0\.42 *\|$'
check "tables-lists: its head is told apart" has tables-lists '^\|( *:?-+:? *\|){4}$'
check "tables-lists: bullets are list items" has tables-lists '^[-*] Clean the lenses before noon\.$'
check "tables-lists: a list item of several lines is one" has tables-lists '^[-*] Write every visit .* of the landing\.$'
check "tables-lists: numbers are list items" has tables-lists '^2\. Shade the lamp\.$'
check "languages: German words are put together again" has languages 'Tragfähigkeit; für Fischerboote'
check "languages: French keeps its accents" has languages 'nettoie les lentilles et relève'
check "languages: Chinese" has languages '灯塔建于北方的海角，夜里的灯光可以照到二十海里以外。'
check "languages: Japanese" has languages '灯台は北の岬に建てられ、霧の日には鐘が鳴る。'
check "figure-link: the link leads there" has figure-link '\]\(<?https://example\.org/readings>?\)'
check "figure-link: the figure is an image" has figure-link '!\[.*\]\(.*\.png\)'
asset=$(sed -n 's/.*!\[.*\](<\{0,1\}\([^)>]*\.png\).*/\1/p' "$out/figure-link.md" | head -n 1)
check "figure-link: the image is there" test -s "$out/$asset"
check "hidden-text: invisible text is left out" lacks hidden-text 'Ignore the visible line'

# --- what only OCR can read
for name in scan scan-sideways garbled; do
  expect_status "$name: converted" 0 convert "$name"
  check "$name: the text is right and in order" resembles "$out/$name.md" "$data/$name.txt" 0.97
done
# --- pictures, whatever their names say
for name in photograph.jpg keeper.png keeper.webp fax.tif; do
  cp "$data/$name" "$work/document"
  expect_status "$name: converted" 0 "$ctl" convert --quiet "$work/document" -o "$out/$name.md"
  check "$name: the text is right and in order" resembles "$out/$name.md" "$data/${name%.*}.txt" 0.97
done
check "a picture's resolution is that of its file" test \
  "$("$ctl" convert --quiet --output json "$data/keeper.png" | field pages.0.width_pt)" = 594.72

# --- a book, which says itself what is what
expect_status "book: converted" 0 "$ctl" convert --quiet "$data/keeper.epub" -o "$out/book.md"
check "book: structure, notes, table and links are the book's" diff "$out/book.md" "$data/keeper-book.md"
check "book: its picture is there" test -s "$out/book_assets/p0001-1.png"
expect_status "book: in JSON" 0 "$ctl" convert --quiet --output json "$data/keeper.epub" -o "$out/book.json"
check "book: the same blocks in JSON" test \
  "$(field document.type pages.1.blocks.2.text pages.1.blocks.4.type < "$out/book.json" | paste -sd,)" = epub,Spring,table

expect_status "blank: converted" 0 convert blank
check "blank: nothing on it" test -z "$(sed "s/<!--.*-->//" "$out/blank.md" | tr -d "[:space:]")"

# --- JSON
expect_status "json: converted" 0 "$ctl" convert --quiet --output json "$data/garbled.pdf" -o "$out/garbled.json"
check "json: a garbled text layer is read by OCR, and said so" \
  test "$(field pages.0.blocks.1.source < "$out/garbled.json")" = ocr
expect_status "json: of a digital page" 0 "$ctl" convert --quiet --output json "$data/report.pdf" -o "$out/report.json"
check "json: blocks carry type, box, source, confidence and text" "$PYTHON" - "$out/report.json" << 'END'
import json, sys
document = json.load(open(sys.argv[1], encoding="utf-8"))
assert len(document["pages"]) == 3, len(document["pages"])
blocks = [block for page in document["pages"] for block in page["blocks"]]
assert blocks
for block in blocks:
    assert set(block) >= {"type", "box", "source", "confidence", "text"}, block
    assert len(block["box"]) == 4 and block["source"] == "text" and 0 <= block["confidence"] <= 1, block
END

# --- the other outputs
expect_status "outputs: converted" 0 \
  "$ctl" convert --quiet --output md,txt,html,review,layout,chunks --mode grounded "$data/report.pdf" -o "$out/all/"
for file in report.md report.txt report.html report_review.html report_layout.pdf report_chunks.jsonl; do
  check "outputs: $file is there" test -s "$out/all/$file"
done
check "txt: the text is right and in order" resembles "$out/all/report.txt" "$data/report.txt" 0.99
check "html: headings are headings" grep -q '<h[1-6] dir="auto">3 Dues</h' "$out/all/report.html"
check "grounded: a heading has its box" grep -q '^<|ref|>heading<|/ref|><|det|>\[\[[0-9, ]*\]\]<|/det|>$' "$out/all/report.md"
check "review: a picture of every page" \
  test "$(grep -c 'background-image:url(data:image/png;base64,' "$out/all/report_review.html")" = 3
expect_status "layout: a PDF that can be read" 0 \
  "$ctl" convert --quiet --ocr never "$out/all/report_layout.pdf" -o "$out/layout.md"
check "layout: types and reading order are drawn" grep -qa '(2 heading) Tj' "$out/all/report_layout.pdf"
check "chunks: within their tokens, with headings, pages and boxes" "$PYTHON" - "$out/all/report_chunks.jsonl" << 'END'
import json, sys
chunks = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert len(chunks) > 3
for chunk in chunks:
    assert chunk["tokens"] <= 512 and chunk["text"] and chunk["pages"], chunk
    assert all(len(block["box"]) == 4 for block in chunk["blocks"]) and chunk["blocks"], chunk
assert any("3 Dues" in chunk["headings"] for chunk in chunks)
END
expect_status "images within the Markdown: converted" 0 "$ctl" convert --quiet --images inline "$data/figure-link.pdf" -o "$out/inline.md"
check "images within the Markdown: one" has inline '^!\[.*\]\(data:image/png;base64,iVBOR'
check "images within the Markdown: no files" test ! -e "$out/inline_assets"

# --- ways in and out
"$ctl" convert --quiet - < "$data/one-column.pdf" | cat > "$out/piped.md"
check "a pipeline gives the same bytes" cmp "$out/piped.md" "$out/one-column.md"
"$ctl" convert --quiet "$data/one-column.pdf" > "$out/stdout.md"
check "standard output gives the same bytes" cmp "$out/stdout.md" "$out/one-column.md"
mkdir "$out/several"
expect_status "several documents into a folder" 0 \
  "$ctl" convert --quiet "$data/one-column.pdf" "$data/rotated.pdf" -o "$out/several/"
check "they are there" test -s "$out/several/one-column.md" -a -s "$out/several/rotated.md"
expect_status "a range of pages" 0 "$ctl" convert --quiet --pages 2,4 "$data/rotated.pdf" -o "$out/range.md"
check "only these pages" test "$(grep -oE 'turn of [0-9]+' "$out/range.md" | tr -dc '0-9\n' | paste -sd,)" = 90,270

# --- passwords
printf 'wrong\nlantern\n' > "$work/passwords"
printf 'wrong\n' > "$work/wrong"
expect_status "encrypted: converted with its password" 0 convert locked --password-file "$work/passwords"
check "encrypted: the text is right" resembles "$out/locked.md" "$data/locked.txt" 0.99
expect_status "encrypted for the owner only: converted" 0 convert owner-locked
check "encrypted for the owner only: the text is right" resembles "$out/owner-locked.md" "$data/locked.txt" 0.99
expect_status "encrypted: no password" 1 "$ctl" convert "$data/locked.pdf" -o "$out/x.md" 2> "$work/said"
check "encrypted: says that it needs a password" grep -qi password "$work/said"
expect_status "encrypted: a wrong password" 1 \
  "$ctl" convert --password-file "$work/wrong" "$data/locked.pdf" -o "$out/x.md" 2> "$work/said"
check "encrypted: says that the password is wrong" grep -qiE 'password' "$work/said"

# --- what cannot be converted: an exit code, words, no output, and a daemon that goes on
for name in not-a-document empty cut-at-the-head; do
  expect_status "$name: refused" 1 "$ctl" convert "$data/$name.pdf" -o "$out/$name.md" 2> "$work/said"
  check "$name: says which file and why" grep -q "$name" "$work/said"
  check "$name: leaves no output behind" test ! -e "$out/$name.md"
done
expect_status "a file that is not there" 1 "$ctl" convert "$work/none.pdf" -o "$out/x.md" 2> /dev/null
expect_status "no such option" 2 "$ctl" convert --sideways "$data/blank.pdf" 2> /dev/null
expect_status "no daemon where one is named" 3 "$ctl" --socket "$work/nowhere.sock" status 2> /dev/null
expect_status "one of several fails" 1 \
  "$ctl" convert --quiet "$data/not-a-document.pdf" "$data/one-column.pdf" -o "$out/several/" 2> /dev/null
check "the other is converted" cmp "$out/several/one-column.md" "$out/one-column.md"

# --- the spooler
id=$("$ctl" submit --json "$data/rotated.pdf" | field job 2> /dev/null)
finished() { "$ctl" status --json "$id" | grep -qE '"state": *"done"'; }
check "submit: gives a number" test -n "$id"
check "status: says when it is done" wait_until 60 finished
"$ctl" result "$id" > "$out/result.md"
check "result: the same bytes" cmp "$out/result.md" "$out/rotated.md"

# --- another client
"$PYTHON" tests/e2e/client.py "$PDF2MD_SOCKET" "$data/one-column.pdf" > "$out/client.md"
check "a client in Python gets the same bytes" cmp "$out/client.md" "$out/one-column.md"

expect_status "the daemon stops cleanly" 0 stop_daemon
check "and takes its socket along" test ! -e "$PDF2MD_SOCKET"
