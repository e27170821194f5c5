// What page analysis makes of lines that were read from pixels.
#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

PageRecord scanned(Sketch& page) {
  for (Line& line : page.input.lines) line.source = Source::kOcr;
  return analyse_page(page.input);
}

Region region(RegionType type, Box box, float score = 0.9f) {
  Region made;
  made.type = type;
  made.box = box;
  made.score = score;
  return made;
}

std::vector<std::string> starts(const PageRecord& record) {
  std::vector<std::string> out;
  for (const Block& block : record.blocks) out.push_back(start_of(block));
  return out;
}

}  // namespace

TEST_CASE("columns of a scan are told apart by the little that OCR's boxes leave between them") {
  Sketch page;
  page.paragraph("Left", 50, 100, 12, 245);
  page.paragraph("Right", 300, 100, 12, 245);
  CHECK(starts(scanned(page)) == std::vector<std::string>{"Left ", "Right"});
}

TEST_CASE("a narrow gap beside a number is no gutter") {
  Sketch page;
  for (int i = 0; i < 8; ++i) {
    page.line("words that are read across", 50, 100 + 12.0f * static_cast<float>(i), 245);
    page.line("7", 300, 100 + 12.0f * static_cast<float>(i), 10);
  }
  const PageRecord record = scanned(page);
  CHECK(record.blocks.front().lines.front().text().find('7') != std::string::npos);
}

TEST_CASE("a displayed formula of a scan is a picture with its text and number") {
  Sketch page;
  page.paragraph("Before", 50, 100, 5);
  page.line("y = argmax p(x) p(y)", 150, 180, 150);
  page.line("(3)", 430, 180, 15);
  page.paragraph("After", 50, 220, 5);
  page.input.regions.push_back(region(RegionType::kEquation, {150, 170, 300, 184}));
  const PageRecord record = scanned(page);
  REQUIRE(types(record) ==
          std::vector<BlockType>{BlockType::kText, BlockType::kFormula, BlockType::kText});
  CHECK(record.blocks[1].asset == "p0007-1.png");
  REQUIRE(record.blocks[1].lines.size() == 1);
  CHECK(record.blocks[1].lines[0].text() == "y = argmax p(x) p(y) (3)");
}

TEST_CASE("what has no sign of mathematics, or is a line of text, is no formula") {
  for (const char* text : {"CARNIVOROUS QUADRUPEDS",
                           "where a = b a sentence that goes on for the width of the column"}) {
    Sketch page;
    page.line(text, 150, 80, 300);
    page.paragraph("After", 50, 120, 9);
    page.input.regions.push_back(region(RegionType::kEquation, {150, 70, 450, 84}));
    const PageRecord record = scanned(page);
    for (const Block& block : record.blocks) CHECK(block.type != BlockType::kFormula);
  }
}

TEST_CASE("a heading of a scan may begin in lower case if it is far larger than the text") {
  Sketch page;
  page.paragraph("Before", 50, 100, 6);
  page.line("let Statements", 50, 200, 100, 13.5f);
  page.paragraph("After", 50, 224, 6);
  CHECK(types(scanned(page)) ==
        std::vector<BlockType>{BlockType::kText, BlockType::kHeading, BlockType::kText});
}

TEST_CASE("of ideographs the layout model's titles are headings") {
  for (const bool told : {false, true}) {
    Sketch page;
    page.paragraph("Before", 50, 100, 6);
    page.line("\xE5\x88\x9D\xE5\xA7\x8B\xE5\x8C\x96", 50, 192, 40);
    page.paragraph("After", 50, 222, 6);
    if (told) page.input.regions.push_back(region(RegionType::kTitle, {50, 182, 90, 194}));
    const PageRecord record = scanned(page);
    REQUIRE(record.blocks.size() == 3);
    CHECK((record.blocks[1].type == BlockType::kHeading) == told);
  }
}
