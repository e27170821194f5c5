// Pages of kinds that people convert: magazines, posters, old books, reports, title pages.
#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

std::string text_of_type(const PageRecord& record, BlockType type) {
  std::string all;
  for (const Block& block : record.blocks)
    if (block.type == type)
      for (const Line& line : block.lines) all += line.text() + "|";
  return all;
}

std::string text_in_order(const PageRecord& record) {
  std::string all;
  for (const Block& block : record.blocks)
    for (const Line& line : block.lines) all += line.text().substr(0, 5) + "|";
  return all;
}

PlacedImage picture(const Box& box) {
  return {box, 600, 400, false, false, false, "dct"};
}

}  // namespace

TEST_CASE("a running head with its page number is none of the text, however close it stands") {
  Sketch page;
  page.line("400", 50, 60, 15);
  page.line("BRITISH HUSBANDRY.", 190, 60, 120);
  page.line("[Ch. XIX.", 400, 60, 50);
  page.paragraph("Text", 50, 72, 30);
  const PageRecord record = analyse_page(page.input);
  CHECK(text_of_type(record, BlockType::kHeader) == "BRITISH HUSBANDRY.|[Ch. XIX.|");
  CHECK(text_of_type(record, BlockType::kPageNumber) == "400|");
}

TEST_CASE("a numbered heading on top of a page is no running head") {
  Sketch page;
  page.line("3", 50, 60, 6, 11, kBold);
  page.line("Results", 80, 60, 50, 11, kBold);
  page.paragraph("Text", 50, 80, 30);
  CHECK(text_of_type(analyse_page(page.input), BlockType::kHeader).empty());
}

TEST_CASE("a page number stands below the text, wherever that ends") {
  Sketch page;
  page.paragraph("Text", 100, 100, 30);
  page.line("62", 295, 520, 10);
  CHECK(text_of_type(analyse_page(page.input), BlockType::kPageNumber) == "62|");
}

TEST_CASE("texts at both margins below all else are a foot, the last row of a table is none") {
  Sketch page;
  page.paragraph("Text", 50, 600, 8);
  page.line("Revision: 2.4", 50, 720, 60);
  page.line("P/N 119-036", 220, 720, 60);
  page.line("10 June 2019", 390, 720, 60);
  CHECK(text_of_type(analyse_page(page.input), BlockType::kFooter) ==
        "Revision: 2.4|P/N 119-036|10 June 2019|");
  Sketch table;
  for (int row = 0; row < 8; ++row) {
    const float y = 636 + 12.0f * static_cast<float>(row);
    table.line("cell " + std::to_string(row), 50, y, 60);
    table.line("1" + std::to_string(row), 220, y, 60);
    table.line("2" + std::to_string(row), 390, y, 60);
  }
  CHECK(text_of_type(analyse_page(table.input), BlockType::kFooter).empty());
}

TEST_CASE("columns go on beside a picture that stands across their gutter") {
  Sketch page;
  const auto column = [&](const std::string& first, float x, float y) {
    for (int i = 0; i < 10; ++i)
      page.line((i == 0 ? first : "words") + " of a column that is as wide as this", x,
                y + 12.0f * static_cast<float>(i), 240);
  };
  column("Above", 50, 60);
  column("Right", 310, 60);
  page.input.images.push_back(picture({200, 190, 400, 400}));
  for (int i = 0; i < 18; ++i) {
    const float y = 190 + 12.0f * static_cast<float>(i);
    page.line("narrow words to the left", 50, y, 130);
    page.line("slender words on the right", 420, y, 130);
  }
  page.line("what it shows", 250, 418, 100);
  page.line("narrow words to the left", 50, 418, 130);
  page.line("slender words on the right", 420, 418, 130);
  column("Below", 50, 430);
  column("Last", 310, 430);
  const std::string order = text_in_order(analyse_page(page.input));
  INFO(order);
  CHECK(order.find("Above") < order.find("narro"));
  CHECK(order.find("narro") < order.find("Below"));
  CHECK(order.find("Below") < order.find("Right"));
  CHECK(order.find("Right") < order.find("slend"));
  CHECK(order.find("slend") < order.find("Last"));
  CHECK(order.find("Last") < order.find("what"));
}

TEST_CASE("text over the picture of a poster is text") {
  Sketch page;
  page.input.images.push_back(picture({0, 400, 600, 800}));
  page.line("THE POWER OF WORDS", 50, 600, 400, 24);
  const PageRecord record = analyse_page(page.input);
  CHECK(text_of_type(record, BlockType::kHeading) + text_of_type(record, BlockType::kText) ==
        "THE POWER OF WORDS|");
  CHECK(text_of_type(record, BlockType::kFigure).empty());
}

TEST_CASE("code on a shaded box is no figure") {
  Sketch page;
  page.paragraph("Text", 50, 60, 6);
  for (int i = 0; i < 14; ++i) {
    const float y = 150 + 12.0f * static_cast<float>(i);
    page.input.fills.push_back({{48, y - 10, 450, y + 2}, 0xEEEEEE, kFillFilled});
    page.line(i % 2 ? "    return 1;" : "int f() {", i % 2 ? 78 : 54, y, i % 2 ? 78 : 54, 10,
              kMonospaced);
  }
  const PageRecord record = analyse_page(page.input);
  CHECK(text_of_type(record, BlockType::kFigure).empty());
  CHECK(text_of_type(record, BlockType::kCode).find("return 1") != std::string::npos);
}

TEST_CASE("shaded cells here and there are no grid") {
  Sketch page;
  for (int row = 0; row < 9; ++row) {
    const float y = 100 + 12.0f * static_cast<float>(row);
    page.line("Name " + std::to_string(row), 60, y, 60);
    for (int column = 0; column < 4; ++column) {
      const float x = 200 + 60.0f * static_cast<float>(column);
      page.line("0." + std::to_string(10 + row + column), x + 5, y, 25);
      if ((row + column) % 2 == 0)
        page.input.fills.push_back({{x, y - 9, x + 60, y + 3}, 0xCC88CC, kFillFilled});
    }
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table);
  CHECK(record.blocks[0].table->rows == 9);
  CHECK(record.blocks[0].table->columns == 5);
  CHECK(record.blocks[0].table->cells.size() == 45);
}

TEST_CASE("cells go on below themselves, however wide the leading is") {
  Sketch page;
  float y = 100;
  for (int row = 1; row <= 4; ++row) {
    page.line("9.1." + std::to_string(row), 60, y, 25);
    page.line("Verify that every one of the connections is of the kind", 110, y, 300);
    page.line("yes", 430, y, 15);
    page.line("319", 470, y, 15);
    page.line("that is asked for in this standard, and of no other that", 110, y + 17, 296);
    page.line("is not.", 110, y + 34, 40);
    y += 55;
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table);
  CHECK(record.blocks[0].table->rows == 4);
  CHECK(record.blocks[0].table->cells[1].lines.size() == 3);
  CHECK(record.blocks[0].table->cells[13].lines.size() == 3);
}

TEST_CASE("a page at another scale is read as if it were of the usual one") {
  Sketch page;
  page.paragraph("First", 50, 100, 8);
  page.paragraph("Other", 50, 220, 8);
  const PageRecord usual = analyse_page(page.input);
  for (float k : {0.3f, 5.0f}) {
    Sketch small = page;
    small.input.width_pt *= k;
    small.input.height_pt *= k;
    for (Line& line : small.input.lines) {
      line.box = {line.box.x0 * k, line.box.y0 * k, line.box.x1 * k, line.box.y1 * k};
      line.baseline_y *= k;
      line.spans[0].box = line.box;
      line.spans[0].size_pt *= k;
    }
    const PageRecord record = analyse_page(small.input);
    CHECK(types(record) == types(usual));
    REQUIRE(record.blocks.size() == 2);
    CHECK(record.blocks[0].lines.size() == 8);
    CHECK(record.blocks[1].box.y1 == Approx(usual.blocks[1].box.y1 * k));
    CHECK(record.blocks[1].lines[0].spans[0].size_pt == Approx(10 * k));
  }
}

TEST_CASE("addresses above small print are no headings") {
  Sketch page;
  page.line("The Manual", 200, 100, 200, 24, kBold);
  for (int i = 0; i < 9; ++i)
    page.line("Some Street " + std::to_string(i), 200, 300 + 13.0f * static_cast<float>(i), 90, 11);
  for (int i = 0; i < 6; ++i)
    page.line("Small print that says what nobody reads, in very many words of this and that kind",
              50, 600 + 8.0f * static_cast<float>(i), 500, 7);
  CHECK(text_of_type(analyse_page(page.input), BlockType::kHeading) == "The Manual|");
}

TEST_CASE("headings of two colours are two") {
  Sketch page;
  page.line("Issued Pronouncements", 50, 100, 200, 13, kBold);
  page.line("Adopted Pronouncement", 50, 116, 200, 13, kBold);
  page.input.lines[0].spans[0].rgb = 0x66AA00;
  page.paragraph("Text", 50, 140, 20);
  const PageRecord record = analyse_page(page.input);
  CHECK(types(record) ==
        std::vector<BlockType>{BlockType::kHeading, BlockType::kHeading, BlockType::kText});
}

TEST_CASE("a table of contents is a list of titles and pages") {
  Sketch page;
  page.line("Contents", 50, 60, 80, 16);
  const auto entry = [&](const std::string& title, float x, float y, const std::string& number,
                         uint16_t style) {
    page.line(title, x, y, style ? 200 : 440, 10, style);
    page.line(number, 540, y, 6, 10, style);
  };
  entry("1 First things", 50, 100, "2", kBold);
  entry("1.1 What they are . . . . . . . . . . . . . . .", 70, 113, "2", 0);
  entry("1.2 Why they are . . . . . . . . . . . . . . . .", 70, 126, "5", 0);
  entry("2 Last things", 50, 146, "12", kBold);
  entry("2.1 The end . . . . . . . . . . . . . . . . . .", 70, 159, "13", 0);
  const PageRecord record = analyse_page(page.input);
  std::string entries;
  for (const Block& block : record.blocks) {
    if (block.type != BlockType::kListItem) continue;
    entries += std::string(size_t{2} * block.level, ' ');
    for (const Span& span : block.lines.front().spans) entries += span.text;
    entries += "|";
  }
  CHECK(
      entries ==
      "1 First things 2|  1.1 What they are \u2026 2|  1.2 Why they are \u2026 5|2 Last things 12|"
      "  2.1 The end \u2026 13|");
}

TEST_CASE("a side bar is read after the title that it stands beside, however long it is") {
  Sketch page;
  page.line("The title of the whole paper", 200, 100, 350, 20);
  page.line("An Author", 200, 130, 60);
  for (int i = 0; i < 20; ++i)
    page.line("side bar words", 50, 160 + 12.0f * static_cast<float>(i), 100);
  page.line("Summary", 200, 300, 60, 14);
  const std::string order = text_in_order(analyse_page(page.input));
  CHECK(order.find("The t") == 0);
  CHECK(order.find("Summa") < order.find("side "));
}

TEST_CASE("words in pictures are read where a page has little text of its own") {
  Sketch page;
  page.line("A title", 100, 500, 80, 24);
  CHECK_FALSE(pictures_may_hold_text(page.input));
  page.input.images.push_back(picture({0, 0, 600, 450}));
  CHECK(pictures_may_hold_text(page.input));
  Sketch read;
  read.line("THE VISION", 200, 100, 200, 30);  // in the picture
  read.line("A title", 101, 500, 80, 24);      // in the text layer
  read.line("blurred", 200, 200, 100, 30);     // uncertain
  read.line("elsewhere", 100, 600, 100, 12);   // in no picture
  read.input.lines[2].confidence = 0.5f;
  add_picture_text(page.input, read.input.lines);
  REQUIRE(page.input.lines.size() == 2);
  CHECK(page.input.lines[1].text() == "THE VISION");
  page.paragraph("Text", 50, 520, 40);
  CHECK_FALSE(pictures_may_hold_text(page.input));
}

TEST_CASE("texts at both margins over a rule are a head, a little lower too") {
  Sketch page;
  page.line("The title of it", 50, 90, 80);
  page.line("2017-02-20", 400, 90, 50);
  page.input.rules.push_back({{50, 94, 450, 95}, 0});
  page.paragraph("The text", 50, 130, 8);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 3);
  CHECK(record.blocks[0].type == BlockType::kHeader);
  CHECK(record.blocks[1].type == BlockType::kHeader);
}

TEST_CASE("numbers of a program's lines are not its text") {
  Sketch page;
  page.paragraph("The text", 50, 100, 6);
  for (int row = 0; row < 3; ++row) {
    const float y = 200 + 12.0f * static_cast<float>(row);
    page.line(std::to_string(row + 1), 50, y, 5);
    page.line("int x" + std::to_string(row) + " = 0;", 70, y, 60, 10, kMonospaced);
    page.input.lines[page.input.lines.size() - 2].spans[0].rgb = 0xB3B2B3;
  }
  page.paragraph("More text", 50, 270, 6);
  const PageRecord record = analyse_page(page.input);
  for (const Block& block : record.blocks) {
    CHECK_FALSE(block.table.has_value());
    if (block.type == BlockType::kCode) CHECK(start_of(block) == "int x");
  }
}

TEST_CASE("a numbered heading that runs into its paragraph is a heading") {
  Sketch page;
  page.paragraph("The text", 50, 100, 6);
  page.line("1.1.2 The Method: ", 60, 190, 90, 10, kItalic);
  Span rest;
  rest.text = "The method of this lets us solve what is";
  rest.size_pt = 10;
  rest.box = {150, 182, 450, 192};
  page.input.lines.back().spans.push_back(rest);
  page.input.lines.back().box.x1 = 450;
  page.line("described above, and more of it besides and", 50, 202, 400);
  page.line("so on.", 50, 214, 40);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 3);
  CHECK(record.blocks[1].type == BlockType::kHeading);
  CHECK(record.blocks[1].lines[0].text() == "1.1.2 The Method");
  CHECK(start_of(record.blocks[2]) == "The m");
}

TEST_CASE("a numbered line in a font of small capitals is a heading, in one of Chinese it is not") {
  for (const char* font : {"LMRomanCaps10-Regular", "NotoSerifCJK-SC"}) {
    Sketch page;
    page.paragraph("Before", 50, 100, 6);
    page.line("2. Micro-RNA binding", 50, 190, 100);
    page.input.lines.back().spans[0].font = font;
    page.paragraph("After", 50, 216, 6);
    const bool heading = !text_of_type(analyse_page(page.input), BlockType::kHeading).empty();
    CHECK(heading == (std::string(font) == "LMRomanCaps10-Regular"));
  }
}
