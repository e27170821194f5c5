#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

void typed(Sketch& page, const std::string& text, float x, float y) {
  page.line(text, x, y, 6 * static_cast<float>(text.size()), 10, kMonospaced);
}

}  // namespace

TEST_CASE("rows with a leader and numbers are a table") {
  Sketch page;
  for (int row = 0; row < 5; ++row) {
    const float y = 100 + 12.0f * static_cast<float>(row);
    page.line("Item " + std::to_string(row) + " ..........", 50, y, 150);
    page.line("1," + std::to_string(100 + row), 230, y, 25);
    page.line("2," + std::to_string(200 + row), 300, y, 25);
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table.has_value());
  CHECK(record.blocks[0].table->columns == 3);
  CHECK(record.blocks[0].table->cells[0].lines.at(0).text() == "Item 0");
}

TEST_CASE("rows with a leader and a page are contents") {
  Sketch page;
  for (int row = 0; row < 6; ++row) {
    const float y = 100 + 12.0f * static_cast<float>(row);
    page.line("Chapter about something ........", 50, y, 300);
    page.line(std::to_string(10 + row), 400, y, 12);
  }
  for (const Block& block : analyse_page(page.input).blocks) CHECK_FALSE(block.table.has_value());
}

TEST_CASE("typed numbers a space apart are cells of their own") {
  Sketch page;
  typed(page, "Proportion     1.0   1.1   1.2", 50, 276);
  typed(page, "-------------------------------", 50, 288);
  for (int row = 0; row < 5; ++row) {
    const float y = 300 + 12.0f * static_cast<float>(row);
    typed(page, "0.9" + std::to_string(row) + " .......", 50, y);
    typed(page, "1,040 1,120 1,20" + std::to_string(row), 134, y);
  }
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table.has_value());
  CHECK(record.blocks[0].table->columns == 4);
}
