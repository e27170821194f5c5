#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

TEST_CASE("paragraphs part at gaps, headings by size") {
  Sketch page;
  page.line("A heading", 50, 80, 100, 16);
  page.paragraph("First", 50, 110, 4);
  page.paragraph("Other", 50, 170, 4);
  const PageRecord record = analyse_page(page.input);
  CHECK(types(record) ==
        std::vector<BlockType>{BlockType::kHeading, BlockType::kText, BlockType::kText});
}

TEST_CASE("columns are read one after the other, under their common title") {
  Sketch page;
  page.line("A title across both of the columns", 100, 60, 400, 18);
  page.paragraph("Left", 50, 100, 12, 230);
  page.paragraph("Right", 310, 100, 12, 230);
  const PageRecord record = analyse_page(page.input);
  for (const Block& block : record.blocks)
    UNSCOPED_INFO(name(block.type) << " " << block.lines.size() << " " << start_of(block));
  REQUIRE(record.blocks.size() == 3);
  CHECK(start_of(record.blocks[0]) == "A tit");
  CHECK(start_of(record.blocks[1]) == "Left ");
  CHECK(start_of(record.blocks[2]) == "Right");
}

TEST_CASE("list items lose their markers and keep their nesting") {
  Sketch page;
  page.paragraph("Intro", 50, 100, 3);
  page.line("\xE2\x80\xA2 one", 60, 150, 60);
  page.line("\xE2\x80\xA2 inner", 80, 162, 60);
  page.line("\xE2\x80\xA2 two", 60, 174, 60);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 4);
  CHECK(record.blocks[1].type == BlockType::kListItem);
  CHECK(record.blocks[1].lines[0].text() == "one");
  CHECK(record.blocks[1].marker == "\xE2\x80\xA2");
  CHECK(record.blocks[2].level == 1);
  CHECK(record.blocks[3].level == 0);
}

static void draw_three_rows(Sketch& page) {
  for (float y : {100.0f, 120.0f, 140.0f, 160.0f})
    page.input.rules.push_back({{50, y, 350, y + 0.5f}, 0});
  page.input.rules.push_back({{50, 100, 50.5f, 160}, 0});
  page.input.rules.push_back({{350, 100, 350.5f, 160}, 0});
}

TEST_CASE("a drawn grid is a table, and missing borders are spans") {
  Sketch page;
  page.paragraph("Intro", 50, 60, 3);
  draw_three_rows(page);
  page.input.rules.push_back({{200, 120, 200.5f, 160}, 0});  // not through the first row
  page.line("Head", 60, 114, 40);
  page.line("a", 60, 134, 10);
  page.line("b", 210, 134, 10);
  page.line("c", 60, 154, 10);
  page.line("d", 210, 154, 10);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 2);
  REQUIRE(record.blocks[1].table.has_value());
  const Table& table = *record.blocks[1].table;
  CHECK(table.ruled);
  CHECK(table.rows == 3);
  CHECK(table.columns == 2);
  REQUIRE(table.cells.size() == 5);
  CHECK(table.cells[0].column_span == 2);
  CHECK(table.cells[0].lines[0].text() == "Head");
  CHECK(table.cells[4].lines[0].text() == "d");
}

TEST_CASE(
    "a row without inner borders has the columns of the others, where its texts stand in them") {
  Sketch page;
  page.paragraph("Intro", 50, 60, 3);
  draw_three_rows(page);
  for (float x : {150.0f, 250.0f})  // through the first row alone
    page.input.rules.push_back({{x, 100, x + 0.5f, 120}, 0});
  for (int row = 0; row < 2; ++row) {
    const float y = 114 + 20 * static_cast<float>(row);
    page.line("name", 60, y, 40);
    page.line("12", 160, y, 10);
    page.line("34", 260, y, 10);
  }
  page.line("A note that runs across all of the columns.", 60, 154, 230);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 2);
  REQUIRE(record.blocks[1].table.has_value());
  const Table& table = *record.blocks[1].table;
  CHECK(table.rows == 3);
  CHECK(table.columns == 3);
  REQUIRE(table.cells.size() == 7);
  CHECK(table.cells[4].lines[0].text() == "12");
  CHECK(table.cells[6].column_span == 3);
}

TEST_CASE("a second border that one row has beside the others' makes no column") {
  Sketch page;
  page.paragraph("Intro", 50, 60, 3);
  draw_three_rows(page);
  page.input.rules.push_back({{200, 100, 200.5f, 160}, 0});
  page.input.rules.push_back({{215, 140, 215.5f, 160}, 0});  // in the last row alone
  for (int row = 0; row < 3; ++row) {
    const float y = 114 + 20 * static_cast<float>(row);
    page.line("name", 60, y, 40);
    page.line("12", 230, y, 10);
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 2);
  REQUIRE(record.blocks[1].table.has_value());
  CHECK(record.blocks[1].table->columns == 2);
  CHECK(record.blocks[1].table->cells.size() == 6);
}

TEST_CASE("aligned texts are a table, prose in columns is none") {
  Sketch page;
  page.paragraph("Intro", 50, 60, 3);
  for (int row = 0; row < 5; ++row) {
    const float y = 120 + 14.0f * static_cast<float>(row);
    page.line("name", 50, y, 40);
    page.line("12", 200, y, 10);
    page.line("34", 300, y, 10);
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 2);
  REQUIRE(record.blocks[1].table.has_value());
  CHECK(record.blocks[1].table->rows == 5);
  CHECK(record.blocks[1].table->columns == 3);
}

TEST_CASE("monospaced lines are code with their indentation") {
  Sketch page;
  page.paragraph("Intro", 50, 60, 4);
  page.line("if x:", 50, 130, 30, 10, kMonospaced);
  page.line("return 1", 74, 142, 48, 10, kMonospaced);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 2);
  CHECK(record.blocks[1].type == BlockType::kCode);
  REQUIRE(record.blocks[1].lines.size() == 2);
  CHECK(record.blocks[1].lines[1].text() == "    return 1");
}

TEST_CASE("line numbers in the margin and slanted watermarks are noise") {
  Sketch page;
  page.paragraph("Text", 100, 100, 12);
  for (int i = 0; i < 12; ++i)
    page.line(std::to_string(i + 1), 80, 100 + 12.0f * static_cast<float>(i), 5, 5);
  page.line("DRAFT", 200, 300, 300, 120);
  page.input.lines.back().rotation = 315;
  const PageRecord record = analyse_page(page.input);
  size_t noise = 0;
  for (const Block& block : record.blocks) noise += block.type == BlockType::kNoise;
  CHECK(noise == 13);
  CHECK(record.blocks.front().type == BlockType::kText);
  CHECK(record.blocks.front().lines.size() == 12);
}

TEST_CASE("an image is a figure with a name to save it under, its labels kept out of the text") {
  Sketch page;
  page.paragraph("Text", 50, 60, 4);
  page.input.images.push_back({{100, 150, 400, 350}, 600, 400, false, false, false, "dct"});
  page.line("label", 200, 250, 30);
  page.line("Figure 1: what it shows", 100, 370, 150, 9);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 3);
  CHECK(record.blocks[1].type == BlockType::kFigure);
  CHECK(record.blocks[1].asset == "p0007-1.png");
  CHECK(record.blocks[1].lines.size() == 1);
  CHECK(record.blocks[2].type == BlockType::kCaption);
}

TEST_CASE("a page without anything is blank") {
  CHECK(analyse_page(Sketch().input).status == PageStatus::kBlank);
}

TEST_CASE("a plain page leaves no doubt, a recognised one does") {
  Sketch page;
  page.paragraph("Text", 50, 60, 20);
  CHECK_FALSE(layout_is_doubtful(page.input));
  for (Line& line : page.input.lines) line.source = Source::kOcr;
  CHECK(layout_is_doubtful(page.input));
}
