// Internal to analyse_page: cells that reach over several columns or rows of a table without drawn
// cells. What is set in the middle of several columns or rows heads all of them.
#pragma once

#include <vector>

#include "document/table_grid.h"

namespace pdf2md::document {

// A text that stands between two rows, beside both.
struct TallText {
  PlacedFragment text;
  size_t after = 0;  // the text row above it
};
// Takes such texts out of `rows`.
std::vector<TallText> take_tall_texts(std::vector<TextRow>& rows);

// Puts each into the two rows that it stands beside; `row_of`: the table's row of each text row.
void add_tall_texts(const Sheet& sheet, Table& table, const std::vector<TallText>& texts,
                    const std::vector<uint32_t>& row_of);

// Where each border of a column lies, as narrowly as texts and drawn rules say: columns + 1.
// gaps: the free stretches between columns. box: of the table.
std::vector<Interval> column_borders(const Sheet& sheet, const std::vector<Interval>& gaps,
                                     const Box& box);

// Cells in the middle of several columns get those.
void span_columns(const Sheet& sheet, Table& table, const std::vector<Interval>& borders);

// Header cells reach over the empty ones below and above them; the names of groups of rows over
// their rows. After mark_header().
void span_rows(Table& table);

}  // namespace pdf2md::document
