#include "document/ocr_notes.h"

#include <catch2/catch.hpp>

#include "tests/unit/page_builder.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

PageRecord scanned(std::vector<Block> blocks) {
  for (Block& block : blocks)
    for (Line& line : block.lines) line.source = Source::kOcr;
  return page(1, std::move(blocks));
}

}  // namespace

TEST_CASE("numbers of notes that touch the words of a scan become references") {
  const PageRecord record =
      scanned({text(100, {"It raises profit in them all.1 Of this", "the war,10the rest of 1915."}),
               text(600, {"1This is the first note."}, BlockType::kText, 8)});
  CHECK(output({record}) ==
        "It raises profit in them all.[^1] Of this the war,10the rest of 1915.\n\n"
        "[^1]: This is the first note.\n");
}

TEST_CASE("notes are counted, whatever digits follow their number") {
  const PageRecord record = scanned(
      {text(100, {"By the 37th of Henry VIII4 all interest above ten percent was declared",
                  "unlawful; in the reign of Edward VI religious zeal prohibited all interest5"}),
       text(600, {"4C. 9, an act that repeals", "10 percent of them all.", "55 & 6 Ed. VI, c. 20."},
            BlockType::kText, 8)});
  CHECK(
      output({record}) ==
      "By the 37th of Henry VIII[^1] all interest above ten percent was declared unlawful; in the "
      "reign of Edward VI religious zeal prohibited all interest[^2]\n\n"
      "[^1]: C. 9, an act that repeals 10 percent of them all.\n\n"
      "[^2]: 5 & 6 Ed. VI, c. 20.\n");
}

TEST_CASE("numbers in scanned text that no note has stay") {
  PageRecord record = scanned({text(100, {"See Fig.3 and room A12 for 1.5 litres"}),
                               text(600, {"7 small print"}, BlockType::kText, 8)});
  raise_note_marks(record, 10);
  for (const Block& block : record.blocks)
    for (const Line& line : block.lines) CHECK(line.spans.size() == 1);
}
