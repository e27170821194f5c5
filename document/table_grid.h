// Internal to analyse_page: from text in columns to table rows and cells, for ruled and unruled
// tables.
#pragma once

#include <vector>

#include "document/sheet.h"

namespace pdf2md::document {

// Lines of one cell follow each other at no more than this, of the font size.
constexpr float kWrapped = 1.35f;

// A fragment and the columns that it stands in: [first, last].
struct PlacedFragment {
  uint32_t fragment = 0;
  uint32_t first = 0, last = 0;
  float x0 = 0, x1 = 0;  // text_rows() fills them in
  float first_word = 0;  // the width of its first word; 0: it is none of words
  bool in_brackets = false;
};

// Text rows of a table body and where its rows begin: true for a text row that begins a table row,
// false where it goes on in the cells above it. separators: v of rules between rows.
struct TextRow {
  std::vector<PlacedFragment> cells;
  Box box;
  float base = 0, size = 0;
  size_t numbers = 0;  // cells that hold one
};
std::vector<TextRow> text_rows(const Sheet& sheet, const std::vector<PlacedFragment>& placed);
std::vector<bool> row_starts(const std::vector<TextRow>& rows, uint32_t columns,
                             const std::vector<float>& separators);

// The lines of one cell, top to bottom.
std::vector<Line> cell_lines(const Sheet& sheet, const std::vector<uint32_t>& fragments);

// Takes out rows and columns without any text, and orders the cells. False: nothing is left.
bool tidy_table(Table& table);

// Marks header cells: the first row, and those below it that head its spans.
void mark_header(Table& table);

// A block of the table; its fragments are marked as taken, its box is in sheet space.
void add_table(Sheet& sheet, Table table, const Box& box, const std::vector<uint32_t>& fragments);

}  // namespace pdf2md::document
