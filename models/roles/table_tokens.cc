#include "models/roles/table_tokens.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace pdf2md::models {

namespace {

// The n of ` colspan="n"`; 0 where the token is something else.
uint32_t span_of(const std::string& token, const char* name) {
  const std::string start = std::string(" ") + name + "=\"";
  if (!token.starts_with(start)) return 0;
  return static_cast<uint32_t>(std::clamp(std::atoi(token.c_str() + start.size()), 1, 100));
}

// Which places of the grid are taken, growing as rows and columns are met.
class Grid {
 public:
  bool is_free(uint32_t row, uint32_t column) const {
    return row >= rows_.size() || column >= rows_[row].size() || !rows_[row][column];
  }
  void take(const TableCell& cell) {
    if (rows_.size() < cell.row + cell.row_span) rows_.resize(cell.row + cell.row_span);
    for (uint32_t row = cell.row; row < cell.row + cell.row_span; ++row) {
      if (rows_[row].size() < cell.column + cell.column_span)
        rows_[row].resize(cell.column + cell.column_span);
      std::fill_n(rows_[row].begin() + cell.column, cell.column_span, true);
    }
  }

 private:
  std::vector<std::vector<bool>> rows_;
};

}  // namespace

TableStructure assemble_table(std::span<const TableToken> tokens, float scale_x, float scale_y,
                              float width, float height) {
  TableStructure table;
  Grid grid;
  bool header = false, in_row = false;
  double sum = 0;
  uint32_t next_row = 0;
  TableCell cell;

  const auto open = [&](const TableToken& token) {
    if (!in_row) {  // a cell without <tr>: damaged structure, taken as a new row
      in_row = true;
      ++next_row;
    }
    cell = {};
    cell.row = next_row - 1;
    cell.header = header;
    cell.x0 = cell.y0 = INFINITY;
    cell.x1 = cell.y1 = -INFINITY;
    for (size_t i = 0; i < 8; i += 2) {
      const float x = std::clamp(token.box[i] * scale_x, 0.0f, width);
      const float y = std::clamp(token.box[i + 1] * scale_y, 0.0f, height);
      cell.x0 = std::min(cell.x0, x), cell.x1 = std::max(cell.x1, x);
      cell.y0 = std::min(cell.y0, y), cell.y1 = std::max(cell.y1, y);
    }
  };
  const auto place = [&] {
    while (!grid.is_free(cell.row, cell.column)) ++cell.column;
    // A wide cell never covers one that an earlier row reaches down with.
    uint32_t room = 1;
    while (room < cell.column_span && grid.is_free(cell.row, cell.column + room)) ++room;
    cell.column_span = room;
    grid.take(cell);
    table.cells.push_back(cell);
  };

  bool is_open = false;
  for (const TableToken& token : tokens) {
    sum += token.probability;
    if (token.text == "<thead>" || token.text == "<tbody>") {
      header = token.text == "<thead>";
    } else if (token.text == "</thead>") {
      header = false;
    } else if (token.text == "<tr>") {
      in_row = true;
      ++next_row;
    } else if (token.text == "</tr>") {
      in_row = false;
    } else if (token.text == "<td></td>" || token.text == "<td>") {
      open(token);
      place();
    } else if (token.text == "<td") {
      open(token);
      is_open = true;
    } else if (const uint32_t columns = span_of(token.text, "colspan"); columns != 0 && is_open) {
      cell.column_span = columns;
    } else if (const uint32_t rows = span_of(token.text, "rowspan"); rows != 0 && is_open) {
      cell.row_span = rows;
    } else if (token.text == ">" && is_open) {
      place();
      is_open = false;
    }
  }
  table.rows = next_row;
  for (TableCell& each : table.cells) {
    // A span beyond the last row means "to the end".
    each.row_span = std::min(each.row_span, table.rows - each.row);
    table.columns = std::max(table.columns, each.column + each.column_span);
  }
  if (!tokens.empty()) {
    table.confidence =
        static_cast<float>(std::round(sum / static_cast<double>(tokens.size()) * 1000) / 1000);
  }
  return table;
}

}  // namespace pdf2md::models
