// Tables without drawn cells: what is a row of theirs, and what is no table.
#include <catch2/catch.hpp>

#include "tests/unit/sketch.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

const Table* table_of(const PageRecord& record) {
  for (const Block& block : record.blocks)
    if (block.table) return &*block.table;
  return nullptr;
}

std::string cell(const Table& table, uint32_t row, uint32_t column) {
  std::string text;
  for (const Cell& cell : table.cells)
    if (cell.row == row && cell.column == column)
      for (const Line& line : cell.lines) text += (text.empty() ? "" : "/") + line.text();
  return text;
}

void rule(Sketch& page, float y) {
  page.input.rules.push_back({{50, y, 350, y + 0.5f}, 0});
}

// Names and three columns of numbers, under a rule at 126.
void draw_numbers(Sketch& page, float y, const char* name) {
  page.line(name, 50, y, 40);
  for (int c = 1; c <= 3; ++c)
    page.line(std::to_string(1000 + 17 * c), 50 + 80.0f * static_cast<float>(c), y, 25);
}

}  // namespace

TEST_CASE("header cells of two lines that stand on a rule are one row") {
  Sketch page;
  rule(page, 100);
  page.line("First", 130, 110, 25);
  page.line("Second", 210, 110, 35);
  page.line("(one)", 130, 122, 25);
  page.line("(two)", 210, 122, 25);
  page.line("Third", 290, 122, 25);
  rule(page, 126);
  for (int i = 0; i < 5; ++i) draw_numbers(page, 138 + 12.0f * static_cast<float>(i), "Name");
  rule(page, 190);
  const PageRecord record = analyse_page(page.input);
  const Table* table = table_of(record);
  REQUIRE(table != nullptr);
  CHECK(table->rows == 6);
  CHECK(cell(*table, 0, 1) == "First/(one)");
  CHECK(cell(*table, 0, 3) == "Third");
}

TEST_CASE("names in brackets below a row of numbers belong to its name") {
  Sketch page;
  for (const float y : {100.0f, 126.0f, 226.0f}) rule(page, y);
  for (int c = 0; c <= 3; ++c) page.line("Head", 50 + 80.0f * static_cast<float>(c), 122, 25);
  float y = 138;
  for (int i = 0; i < 4; ++i) {
    draw_numbers(page, y, "MIL-100");
    page.line("(Cr)", 50, y + 12, 20);
    y += i < 3 ? 24 : 12;
  }
  const PageRecord record = analyse_page(page.input);
  const Table* table = table_of(record);
  REQUIRE(table != nullptr);
  CHECK(table->rows == 5);
  CHECK(cell(*table, 1, 0) == "MIL-100/(Cr)");
}

TEST_CASE("a side bar and the text beside it are no table") {
  for (const bool table : {false, true}) {
    Sketch page;
    for (int i = 0; i < 12; ++i) {
      const float n = static_cast<float>(i);
      // Lines of another leading come close to those beside them now and then.
      page.line("note " + std::to_string(i), 50, 100 + (table ? 12 : 11.7f) * n, 60);
      page.line("that go on with many words here and fill the line", 150, 100 + 12 * n, 380);
    }
    CHECK((table_of(analyse_page(page.input)) != nullptr) == table);
  }
}
