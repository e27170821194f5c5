#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

const Cell* cell_with(const Table& table, const std::string& text) {
  for (const Cell& cell : table.cells)
    if (!cell.lines.empty() && cell.lines.front().text() == text) return &cell;
  return nullptr;
}

void rule(Sketch& page, float x0, float x1, float y) {
  page.input.rules.push_back({{x0, y - 0.3f, x1, y + 0.3f}, 0});
}

// A name and an item in each row, and four columns of numbers. Names stand at the first row of
// their group.
Sketch grouped(bool headers) {
  Sketch page;
  rule(page, 50, 500, 90);
  if (headers) {
    page.line("Region", 55, 102, 35);
    page.line("Item", 130, 102, 25);
    page.line("2013", 280, 102, 20);  // in the middle of 220…360
    page.line("2014", 420, 102, 20);  // in the middle of 360…500
    rule(page, 220, 360, 106);
    rule(page, 360, 500, 106);
  }
  for (int column = 0; column < 4; ++column)
    page.line(column % 2 == 0 ? "Plan" : "Real", 255 + 70.0f * static_cast<float>(column), 116, 30);
  rule(page, 50, 500, 120);
  for (int row = 0; row < 4; ++row) {
    const float y = 132 + 14.0f * static_cast<float>(row);
    if (row == 0) page.line("East", 55, y, 25);
    if (row == 2) page.line("West", 55, y, 25);
    page.line(row % 2 == 0 ? "Cost" : "Staff", 130, y, 25);
    for (int column = 0; column < 4; ++column)
      page.line("1,234", 257 + 70.0f * static_cast<float>(column), y, 28);
  }
  rule(page, 50, 500, 180);
  return page;
}

}  // namespace

TEST_CASE("a header in the middle of columns spans them, the others span its rows") {
  const PageRecord record = analyse_page(grouped(true).input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table.has_value());
  const Table& table = *record.blocks[0].table;
  CHECK(table.columns == 6);
  REQUIRE(cell_with(table, "2013") != nullptr);
  CHECK(cell_with(table, "2013")->column_span == 2);
  CHECK(cell_with(table, "2014")->column == 4);
  CHECK(cell_with(table, "2014")->column_span == 2);
  CHECK(cell_with(table, "Region")->row_span == 2);
  CHECK(cell_with(table, "Item")->row_span == 2);
}

TEST_CASE("a name before rows of items is the name of them all") {
  const PageRecord record = analyse_page(grouped(true).input);
  const Table& table = *record.blocks.at(0).table;
  CHECK(cell_with(table, "East")->row_span == 2);
  CHECK(cell_with(table, "West")->row_span == 2);
  CHECK(cell_with(table, "West")->row == 4);
}

TEST_CASE("a name between two rows is the name of both") {
  Sketch page;
  rule(page, 50, 400, 90);
  page.line("Item", 130, 102, 25);
  page.line("Plan", 260, 102, 20);
  page.line("Real", 350, 102, 20);
  rule(page, 50, 400, 106);
  for (int row = 0; row < 4; ++row) {
    const float y = 118 + 12.0f * static_cast<float>(row);
    if (row % 2 == 0) page.line(row == 0 ? "East" : "West", 55, y + 6, 25);
    page.line("Cost", 130, y, 25);
    page.line("1,234", 255, y, 28);
    page.line("5,678", 345, y, 28);
  }
  rule(page, 50, 400, 162);
  const PageRecord record = analyse_page(page.input);
  REQUIRE(record.blocks.size() == 1);
  REQUIRE(record.blocks[0].table.has_value());
  const Table& table = *record.blocks[0].table;
  CHECK(table.rows == 5);
  REQUIRE(cell_with(table, "West") != nullptr);
  CHECK(cell_with(table, "West")->row == 3);
  CHECK(cell_with(table, "West")->row_span == 2);
}
