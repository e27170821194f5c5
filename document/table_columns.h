// Internal to analyse_page: the columns of a table without drawn cells, as the free stretches that
// part them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "document/sheet.h"

namespace pdf2md::document {

// The texts of a table, row by row.
using TextLines = std::vector<std::vector<const Fragment*>>;

// The column that a place belongs to: one more than the stretches whose middle is before it.
uint32_t column_at(const std::vector<Interval>& separators, float u);

// "$" in a column of its own belongs to the numbers beside it.
void join_currency_columns(std::vector<Interval>& separators, const TextLines& rows);

// A column with one text, which has its row's neighbours to itself, is none: the text is set in the
// middle of both.
void drop_stray_columns(std::vector<Interval>& separators, const TextLines& rows);

// Do texts of a row stand on one line? Those of a side bar and of what it stands beside are at almost
// the same height here and there.
bool share_baselines(const Sheet& sheet, std::span<const Row> rows);

// Does the layout model see a table there?
bool region_says_table(const Sheet& sheet, const Box& box);

}  // namespace pdf2md::document
