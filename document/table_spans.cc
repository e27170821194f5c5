#include "document/table_spans.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {
namespace {

// The cells of a table by their place; null: covered by another cell.
class Grid {
 public:
  explicit Grid(Table& table) : table_(table) {
    at_.assign(static_cast<size_t>(table.rows) * table.columns, nullptr);
    for (Cell& cell : table.cells)
      if (cell.row < table.rows && cell.column < table.columns) slot(cell.row, cell.column) = &cell;
  }
  Cell* at(uint32_t row, uint32_t column) {
    return row < table_.rows && column < table_.columns ? slot(row, column) : nullptr;
  }
  bool is_empty(uint32_t row, uint32_t column) {
    const Cell* cell = at(row, column);
    return cell != nullptr && cell->lines.empty() && cell->column_span == 1 && cell->row_span == 1;
  }
  bool has_text(uint32_t row, uint32_t column) {
    const Cell* cell = at(row, column);
    return cell != nullptr && !cell->lines.empty();
  }
  // Takes out the cell at a place that another one now covers.
  void remove(uint32_t row, uint32_t column) {
    Cell*& cell = slot(row, column);
    if (cell != nullptr) cell->row_span = 0;
    cell = nullptr;
  }
  // Cells that were taken out leave the table.
  void finish() {
    std::erase_if(table_.cells, [](const Cell& cell) { return cell.row_span == 0; });
  }

 private:
  Cell*& slot(uint32_t row, uint32_t column) {
    return at_[static_cast<size_t>(row) * table_.columns + column];
  }
  Table& table_;
  std::vector<Cell*> at_;
};

Box content_of(const Sheet& sheet, const Cell& cell) {
  Box box;
  for (const Line& line : cell.lines) box = united(box, sheet.to_sheet(line.box));
  return box;
}

float size_of(const Cell& cell) {
  return cell.lines.empty() || cell.lines.front().spans.empty()
             ? 10
             : std::max(1.0f, cell.lines.front().spans.front().size_pt);
}

CharacterCounts counts_of(const Cell& cell) {
  CharacterCounts all;
  for (const Line& line : cell.lines) {
    const CharacterCounts counts = count_characters(line.text());
    all.letters += counts.letters;
    all.digits += counts.digits;
  }
  return all;
}

class ColumnSpans {
 public:
  ColumnSpans(const Sheet& sheet, Table& table, const std::vector<Interval>& borders)
      : sheet_(sheet), table_(table), borders_(borders), grid_(table) {}

  void run() {
    for (uint32_t row = 0; row < table_.rows; ++row) {
      uint32_t texts = 0;
      for (uint32_t c = 0; c < table_.columns; ++c) texts += grid_.has_text(row, c);
      for (uint32_t c = 0; c < table_.columns; ++c)
        if (grid_.has_text(row, c)) widen(row, c, texts == 1);
      if (row < 3) widen_alike(row);
    }
    grid_.finish();
  }

 private:
  // How far the middle of a text is from where the middle of columns first…last may be.
  float off_centre(const Box& text, uint32_t first, uint32_t last) const {
    const Interval& left = borders_[first];
    const Interval& right = borders_[last + 1];
    const float from = (left.a + right.a) / 2, to = (left.b + right.b) / 2;
    return std::max({0.0f, from - text.center_x(), text.center_x() - to});
  }

  void widen(uint32_t row, uint32_t column, bool alone) {
    Cell& cell = *grid_.at(row, column);
    if (cell.row_span > 1) return;
    const Box text = content_of(sheet_, cell);
    const float size = size_of(cell);
    const uint32_t own_last = column + cell.column_span - 1;
    uint32_t left = column, right = own_last;
    while (left > 0 && grid_.is_empty(row, left - 1)) --left;
    while (right + 1 < table_.columns && grid_.is_empty(row, right + 1)) ++right;
    if (left == column && right == own_last) return;
    // A text alone in the middle of the table is a row of its own, whatever it stands above.
    const bool whole = alone && row > 0 && column > 0 && counts_of(cell).letters > 3 &&
                       off_centre(text, 0, table_.columns - 1) < 0.5f * size &&
                       !is_aligned(row, column, text, size);
    if (whole) {
      span(row, cell, 0, table_.columns - 1);
      return;
    }
    // One header over all columns but the first, however many of them its text reaches over.
    if (alone && row == 0 && column > 0 && off_centre(text, 1, table_.columns - 1) < 0.8f * size &&
        may_span(0, 1, table_.columns - 1, true)) {
      span(row, cell, 1, table_.columns - 1);
      return;
    }
    if (off_centre(text, column, own_last) < 0.3f * size || is_aligned(row, column, text, size))
      return;
    uint32_t best_first = column, best_last = own_last;
    float best = 0.3f * size;
    for (uint32_t first = left; first <= column; ++first)
      for (uint32_t last = own_last; last <= right; ++last) {
        if (first == column && last == own_last) continue;
        if (!may_span(row, first, last, alone)) continue;
        const float off = off_centre(text, first, last);
        if (off >= best) continue;
        best = off;
        best_first = first;
        best_last = last;
      }
    if (best_first == column && best_last == own_last) return;
    cell.box = united(cell.box, text);
    span(row, cell, best_first, best_last);
  }

  void span(uint32_t row, Cell& cell, uint32_t first, uint32_t last) {
    for (uint32_t c = first; c <= last; ++c)
      if (grid_.at(row, c) != nullptr && grid_.at(row, c) != &cell) grid_.remove(row, c);
    cell.column = first;
    cell.column_span = last - first + 1;
  }

  // Where some headers of a row span so many columns each, and one more has just as many to its
  // right, it spans them too.
  void widen_alike(uint32_t row) {
    uint32_t width = 0;
    for (uint32_t c = 0; c < table_.columns; ++c) {
      const Cell* cell = grid_.at(row, c);
      if (cell == nullptr || cell->lines.empty() || cell->column_span < 2) continue;
      if (width != 0 && width != cell->column_span) return;
      width = cell->column_span;
    }
    if (width == 0) return;
    for (uint32_t c = 1; c + width <= table_.columns; ++c) {
      Cell* cell = grid_.at(row, c);
      if (cell == nullptr || cell->lines.empty() || cell->column_span > 1 || cell->row_span > 1)
        continue;
      bool free = c + width == table_.columns || grid_.has_text(row, c + width);
      for (uint32_t k = c + 1; k < c + width; ++k) free = free && grid_.is_empty(row, k);
      if (free && may_span(row, c, c + width - 1, false)) span(row, *cell, c, c + width - 1);
    }
  }

  // A header stands over texts in all of its columns; elsewhere a text spans the whole row, or
  // takes the place of several names at its start.
  bool may_span(uint32_t row, uint32_t first, uint32_t last, bool alone) {
    if (alone && row > 0) return first == 0 && last + 1 == table_.columns;
    if (row > 2) return first == 0;
    if (row + 1 >= table_.rows) return false;
    for (uint32_t c = first; c <= last; ++c)
      if (!grid_.has_text(row + 1, c)) return false;
    return first > 0;
  }

  // It begins or ends where most texts of its column do.
  bool is_aligned(uint32_t row, uint32_t column, const Box& text, float size) {
    size_t others = 0, left = 0, right = 0;
    for (uint32_t r = 0; r < table_.rows; ++r) {
      if (r == row || !grid_.has_text(r, column) || grid_.at(r, column)->column_span > 1) continue;
      const Box other = content_of(sheet_, *grid_.at(r, column));
      ++others;
      left += std::abs(other.x0 - text.x0) < 0.2f * size;
      right += std::abs(other.x1 - text.x1) < 0.2f * size;
    }
    return others > 0 && (left * 2 > others || right * 2 > others);
  }

  const Sheet& sheet_;
  Table& table_;
  const std::vector<Interval>& borders_;
  Grid grid_;
};

// --- rows

uint32_t header_rows_of(const Table& table) {
  uint32_t rows = 0;
  for (const Cell& cell : table.cells)
    if (cell.header) rows = std::max(rows, std::min(table.rows, cell.row + cell.row_span));
  return rows;
}

// A header cell takes the empty ones below and above it.
void span_header(Table& table, Grid& grid, uint32_t header_rows) {
  for (uint32_t c = 0; c < table.columns && header_rows > 1; ++c) {
    Cell* only = nullptr;
    bool simple = true;
    for (uint32_t r = 0; r < header_rows; ++r) {
      Cell* cell = grid.at(r, c);
      if (cell == nullptr) {
        simple = simple && only != nullptr && only->row + only->row_span > r;
      } else if (!cell->lines.empty()) {
        simple = simple && only == nullptr && cell->column_span == 1;
        only = cell;
      } else {
        simple = simple && cell->column_span == 1;
      }
    }
    if (!simple || only == nullptr) continue;
    for (uint32_t r = 0; r < header_rows; ++r)
      if (Cell* cell = grid.at(r, c); cell != nullptr && cell != only) grid.remove(r, c);
    only->row = 0;
    only->row_span = header_rows;
  }
}

// Names in the first column, each for the rows below it or around it.
class RowGroups {
 public:
  RowGroups(Table& table, Grid& grid, uint32_t first) : table_(table), grid_(grid), first_(first) {}

  void run() {
    if (table_.columns < 3 || table_.rows < first_ + 2) return;
    std::vector<Group> below, around;
    bool below_fits = true, around_fits = false;  // the latter: somewhere
    for (uint32_t r = first_; r < table_.rows;) {
      uint32_t end = r;
      while (end < table_.rows && is_member(end)) ++end;
      if (end == r) {
        ++r;
        continue;
      }
      below_fits = below_fits && groups_below(r, end, below);
      around_fits = groups_around(r, end, around) || around_fits;
      r = end;
    }
    const bool between = std::any_of(table_.cells.begin(), table_.cells.end(), [&](const Cell& c) {
      return c.row >= first_ && c.column == 0 && c.row_span > 1;
    });
    if (between && around_fits)
      apply(around);
    else if (!between && below_fits)
      apply(below);
    else if (around_fits)
      apply(around);
  }

 private:
  struct Group {
    uint32_t from = 0, to = 0;  // rows, both in it
    Cell* name = nullptr;
  };

  // A row with a text of its own in the second column, which is none of numbers, and more beside it:
  // one text alone may be the rest of the one above.
  bool is_member(uint32_t row) {
    const Cell* first = grid_.at(row, 0);
    if (first != nullptr && first->column_span > 1) return false;
    const Cell* second = grid_.at(row, 1);
    if (second == nullptr || second->lines.empty() || second->column_span > 1) return false;
    uint32_t texts = 0;
    for (uint32_t c = 1; c < table_.columns; ++c) texts += grid_.has_text(row, c);
    if (texts < 2) return false;
    const CharacterCounts counts = counts_of(*second);
    return counts.letters > counts.digits && counts.letters <= 30;  // a name, no description
  }

  bool groups_below(uint32_t from, uint32_t end, std::vector<Group>& out) {
    // A table that goes on from another page may begin within a group.
    if (from == first_)
      while (from < end && !grid_.has_text(from, 0)) ++from;
    if (from < end && !grid_.has_text(from, 0)) return false;
    for (uint32_t r = from; r < end; ++r) {
      if (grid_.has_text(r, 0))
        out.push_back({r, r, grid_.at(r, 0)});
      else
        out.back().to = r;
    }
    return true;
  }

  // Adds the groups of rows from…end only where all of them fit.
  bool groups_around(uint32_t from, uint32_t end, std::vector<Group>& all) {
    std::vector<Group> out;
    uint32_t start = from;
    for (uint32_t r = from; r < end; ++r) {
      if (!grid_.has_text(r, 0)) continue;
      Cell* name = grid_.at(r, 0);
      // As many rows above its middle as below.
      const uint32_t last = r + (r - start) + (name->row_span - 1);
      if (r < start || last >= end) return false;
      out.push_back({start, last, name});
      start = last + 1;
      for (uint32_t k = r + name->row_span; k <= last; ++k)
        if (grid_.has_text(k, 0)) return false;
    }
    if (start != end) return false;
    all.insert(all.end(), out.begin(), out.end());
    return true;
  }

  void apply(const std::vector<Group>& groups) {
    // One name before several rows is no sign of groups.
    const auto several = std::count_if(groups.begin(), groups.end(),
                                       [](const Group& group) { return group.to > group.from; });
    if (several < 2) return;
    for (const Group& group : groups) {
      for (uint32_t r = group.from; r <= group.to; ++r)
        if (Cell* cell = grid_.at(r, 0); cell != nullptr && cell != group.name) grid_.remove(r, 0);
      group.name->row = group.from;
      group.name->row_span = group.to - group.from + 1;
    }
  }

  Table& table_;
  Grid& grid_;
  uint32_t first_;
};

void order_cells(Table& table) {
  std::sort(table.cells.begin(), table.cells.end(), [](const Cell& a, const Cell& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
}

}  // namespace

std::vector<TallText> take_tall_texts(std::vector<TextRow>& rows) {
  std::vector<TallText> out;
  std::vector<TextRow> kept;
  const auto shares_columns = [](const TextRow& a, const TextRow& b) {
    return std::any_of(a.cells.begin(), a.cells.end(), [&](const PlacedFragment& x) {
      return std::any_of(b.cells.begin(), b.cells.end(), [&](const PlacedFragment& y) {
        return x.first <= y.last && y.first <= x.last;
      });
    });
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool between = !kept.empty() && i + 1 < rows.size() &&
                         rows[i].base - kept.back().base < 0.95f * rows[i].size &&
                         rows[i + 1].base - rows[i].base < 0.95f * rows[i].size &&
                         rows[i].cells.size() < rows[i + 1].cells.size() &&
                         !shares_columns(rows[i], kept.back()) &&
                         !shares_columns(rows[i], rows[i + 1]);
    if (!between) {
      kept.push_back(std::move(rows[i]));
      continue;
    }
    for (const PlacedFragment& text : rows[i].cells) out.push_back({text, kept.size() - 1});
  }
  rows = std::move(kept);
  return out;
}

void add_tall_texts(const Sheet& sheet, Table& table, const std::vector<TallText>& texts,
                    const std::vector<uint32_t>& row_of) {
  Grid grid(table);
  for (const TallText& tall : texts) {
    const uint32_t above = row_of[tall.after], below = row_of[tall.after + 1];
    const uint32_t column = tall.text.first;
    Cell* cell = grid.at(above, column);
    if (cell == nullptr) continue;
    const bool both = below == above + 1 && grid.is_empty(above, column) &&
                      grid.is_empty(below, column) && tall.text.last == column;
    for (Line& line : cell_lines(sheet, {tall.text.fragment}))
      cell->lines.push_back(std::move(line));
    if (!both) continue;
    cell->row_span = 2;
    grid.remove(below, column);
  }
  grid.finish();
}

std::vector<Interval> column_borders(const Sheet& sheet, const std::vector<Interval>& gaps,
                                     const Box& box) {
  const float slack = sheet.body_size;
  std::vector<Box> rules;
  for (const Box& rule : sheet.across)
    if (rule.width() > 5 && rule.center_y() > box.y0 - 2 * slack &&
        rule.center_y() < box.y1 + 2 * slack && rule.x0 > box.x0 - 2 * slack &&
        rule.x1 < box.x1 + 2 * slack)
      rules.push_back(rule);
  // The outer borders: where rules begin and end.
  float left = box.x0, right = box.x1;
  for (const Box& rule : rules) {
    left = std::min(left, rule.x0);
    right = std::max(right, rule.x1);
  }
  std::vector<Interval> borders = {{left, left}};
  for (const Interval& gap : gaps) {
    Interval border = gap;
    // Rules drawn cell by cell end at it.
    float first = 0;
    size_t agreeing = 0;
    for (const Box& rule : rules)
      for (const float end : {rule.x0, rule.x1}) {
        if (end < gap.a || end > gap.b) continue;
        if (agreeing == 0) first = end;
        agreeing += std::abs(end - first) < 1.5f;
      }
    if (agreeing >= 2) border = {first, first};
    borders.push_back(border);
  }
  borders.push_back({right, right});
  return borders;
}

void span_columns(const Sheet& sheet, Table& table, const std::vector<Interval>& borders) {
  if (borders.size() != table.columns + 1) return;
  ColumnSpans(sheet, table, borders).run();
  order_cells(table);
}

void span_rows(Table& table) {
  const uint32_t header_rows = header_rows_of(table);
  Grid grid(table);
  span_header(table, grid, header_rows);
  RowGroups(table, grid, header_rows).run();
  grid.finish();
  order_cells(table);
}

}  // namespace pdf2md::document
