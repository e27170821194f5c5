#include "document/table_grid.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {
namespace {

bool mostly_numbers(const Cell& cell) {
  size_t digits = 0, letters = 0;
  for (const Line& line : cell.lines) {
    const CharacterCounts counts = count_characters(line.text());
    digits += counts.digits;
    letters += counts.letters;
  }
  return digits > letters;
}

float first_word_width(const Fragment& f) {
  if (f.counts.letters <= f.counts.digits) return 0;
  const std::u32string all = code_points(f.text);
  size_t end = 0;
  while (end < all.size() && !is_space(all[end]) && !(end > 0 && is_cjk(all[end]))) ++end;
  return f.box.width() * static_cast<float>(end) /
         static_cast<float>(std::max<size_t>(1, all.size()));
}

}  // namespace

std::vector<TextRow> text_rows(const Sheet& sheet, const std::vector<PlacedFragment>& placed) {
  std::vector<PlacedFragment> sorted = placed;
  const auto base = [&](const PlacedFragment& p) { return sheet.fragments[p.fragment].base; };
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [&](const PlacedFragment& a, const PlacedFragment& b) { return base(a) < base(b); });
  std::vector<TextRow> rows;
  for (const PlacedFragment& p : sorted) {
    const Fragment& f = sheet.fragments[p.fragment];
    const bool same =
        !rows.empty() && f.base - rows.back().base < 0.4f * std::min(f.size, rows.back().size);
    if (!same) rows.push_back({{}, f.box, f.base, f.size, 0});
    rows.back().cells.push_back(p);
    rows.back().cells.back().x0 = f.box.x0;
    rows.back().cells.back().x1 = f.box.x1;
    rows.back().cells.back().first_word = first_word_width(f);
    const std::string_view text = trimmed(f.text);
    rows.back().cells.back().in_brackets = text.starts_with('(') && text.ends_with(')');
    rows.back().numbers += f.counts.digits > 0 && f.counts.letters == 0;
    rows.back().box = united(rows.back().box, f.box);
  }
  return rows;
}

std::vector<bool> row_starts(const std::vector<TextRow>& rows, uint32_t columns,
                             const std::vector<float>& separators) {
  const size_t n = rows.size();
  std::vector<bool> starts(n, true);
  if (n < 2) return starts;
  const auto occupied = [&](const TextRow& row) {
    std::vector<bool> has(columns, false);
    for (const PlacedFragment& p : row.cells)
      for (uint32_t c = p.first; c <= p.last && c < columns; ++c) has[c] = true;
    return has;
  };
  const auto separated = [&](size_t i) {
    return std::any_of(separators.begin(), separators.end(), [&](float v) {
      return v > rows[i - 1].base - 0.35f * rows[i - 1].size &&
             v < rows[i].base - 0.35f * rows[i].size;
    });
  };
  // Numbers in the middle beside a name of two lines: those stand half a line above and below.
  std::vector<bool> in_middle(n, false);
  const auto is_name = [&](size_t i) {
    return std::all_of(rows[i].cells.begin(), rows[i].cells.end(),
                       [](const PlacedFragment& p) { return p.last == 0; });
  };
  for (size_t i = 1; i + 1 < n; ++i)
    in_middle[i] = rows[i].numbers >= 2 && !occupied(rows[i])[0] && is_name(i - 1) &&
                   is_name(i + 1) && rows[i].base - rows[i - 1].base < 0.95f * rows[i].size &&
                   rows[i + 1].base - rows[i].base < 0.95f * rows[i].size;
  const auto beside_middle = [&](size_t i) {
    return in_middle[i] || in_middle[i - 1] || (i + 1 < n && in_middle[i + 1]) ||
           (i > 1 && in_middle[i - 2]);
  };
  std::vector<float> steps;
  for (size_t i = 1; i < n; ++i)
    if (!separated(i) && !beside_middle(i))
      steps.push_back((rows[i].base - rows[i - 1].base) / rows[i].size);
  std::sort(steps.begin(), steps.end());
  // Two kinds of step: within cells and between rows. The widest relative jump parts them.
  float border = 0;
  if (steps.size() >= 3) {
    float best = 1.17f;
    for (size_t i = 1; i < steps.size(); ++i) {
      const float jump = steps[i] / std::max(0.1f, steps[i - 1]);
      if (jump > best && steps[i - 1] < 1.75f && steps[i - 1] > 0.7f) {
        best = jump;
        border = (steps[i] + steps[i - 1]) / 2;
      }
    }
  }
  std::vector<Interval> extents(columns, {1e9f, -1e9f});
  for (const TextRow& row : rows)
    for (const PlacedFragment& p : row.cells)
      if (p.first == p.last && p.first < columns) {
        extents[p.first].a = std::min(extents[p.first].a, p.x0);
        extents[p.first].b = std::max(extents[p.first].b, p.x1);
      }
  // In some column the row's first word would not have fitted into the line above.
  const auto had_no_room = [&](size_t i, uint32_t last_column) {
    const float size = rows[i].size;
    return std::any_of(rows[i].cells.begin(), rows[i].cells.end(), [&](const PlacedFragment& q) {
      if (q.first != q.last || q.first > last_column || q.first >= columns || q.first_word <= 0)
        return false;
      const Interval& extent = extents[q.first];
      if (extent.b - extent.a < 7 * size) return false;
      return std::any_of(
          rows[i - 1].cells.begin(), rows[i - 1].cells.end(), [&](const PlacedFragment& p) {
            return p.first == q.first && p.last == p.first && std::abs(p.x0 - q.x0) < size &&
                   p.x1 + 0.25f * size + q.first_word > extent.b;
          });
    });
  };
  const auto is_wrap = [&](size_t i) {
    // What goes on in cells above: fewer columns than the row has, the first one often empty.
    const std::vector<bool> here = occupied(rows[i]), above = occupied(rows[i - 1]);
    size_t count = 0, filled = 0;
    for (uint32_t c = 0; c < columns; ++c) {
      count += here[c];
      filled += above[c];
    }
    return count < std::max<size_t>(2, filled) || (count == 1 && filled == 1) || !here[0] ||
           had_no_room(i, columns);
  };
  if (border > 0) {
    size_t close = 0, wraps = 0;
    for (size_t i = 1; i < n; ++i) {
      if (separated(i) || (rows[i].base - rows[i - 1].base) / rows[i].size > border) continue;
      ++close;
      wraps += is_wrap(i);
    }
    if (wraps * 10 < close * 6) border = 0;  // the close rows are rows of their own
  }
  // A header cell of two lines beside others of one: those stand at the bottom.
  const auto begins_above = [&] {
    const std::vector<bool> top = occupied(rows[0]), next = occupied(rows[1]);
    const bool spans = std::any_of(rows[0].cells.begin(), rows[0].cells.end(),
                                   [](const PlacedFragment& p) { return p.first != p.last; });
    if (top[0] || !next[0] || spans || separated(1)) return false;
    size_t count = 0;
    for (uint32_t c = 0; c < columns; ++c) {
      if (top[c] && !next[c]) return false;
      count += top[c];
    }
    return count * 2 <= columns && rows[1].base - rows[0].base < kWrapped * rows[1].size;
  };
  // Header cells of up to three lines, all standing on the rule that parts them from the numbers:
  // each line is set below that of its own cell. Their lines; 0: it is not so.
  const auto header_lines = [&]() -> size_t {
    size_t lines = 1;
    while (lines < n && !separated(lines)) ++lines;
    if (lines < 2 || lines > 3 || lines >= n || rows[lines].numbers < 2) return 0;
    for (size_t i = 0; i < lines; ++i) {
      if (rows[i].numbers > 0) return 0;
      if (i > 0 && rows[i].base - rows[i - 1].base >= kWrapped * rows[i].size) return 0;
      for (const PlacedFragment& p : rows[i].cells) {
        if (p.first != p.last) return 0;
        const float near = 0.6f * rows[i].size;
        const bool stands_on =
            i + 1 == lines ||
            std::any_of(rows[i + 1].cells.begin(), rows[i + 1].cells.end(),
                        [&](const PlacedFragment& q) {
                          return q.first == p.first &&
                                 (std::abs(q.x0 - p.x0) < near || std::abs(q.x1 - p.x1) < near ||
                                  std::abs(q.x0 + q.x1 - p.x0 - p.x1) < 2 * near);
                        });
        if (!stands_on) return 0;
      }
    }
    return lines;
  };
  // "(Cr)" below "MIL-100" and its numbers: the rest of the name.
  const auto is_rest_of_name = [&](size_t i) {
    const std::vector<PlacedFragment>& cells = rows[i].cells;
    return cells.size() == 1 && cells[0].last == 0 && cells[0].in_brackets &&
           rows[i - 1].numbers >= 2 && occupied(rows[i - 1])[0] &&
           rows[i].base - rows[i - 1].base < kWrapped * rows[i].size;
  };
  // One text alone, under one that fills its column: the rest of it, however wide the leading is.
  const auto is_rest = [&](size_t i) {
    if (rows[i].cells.size() != 1) return false;
    const PlacedFragment& rest = rows[i].cells.front();
    const float size = rows[i].size;
    if (rest.first != rest.last || rest.first == 0 || rest.first >= columns) return false;
    const Interval& extent = extents[rest.first];
    if (extent.b - extent.a < 15 * size || std::abs(rest.x0 - extent.a) > 2 * size) return false;
    return std::any_of(
        rows[i - 1].cells.begin(), rows[i - 1].cells.end(), [&](const PlacedFragment& p) {
          return p.first == rest.first && p.last == rest.first && p.x1 > extent.b - 3.5f * size;
        });
  };
  const bool two_lines = n > 2 && begins_above();
  size_t with_first = 0;
  for (const TextRow& row : rows) with_first += occupied(row)[0];
  // A name that had room on the line above is another row's, where there are numbers beside one.
  const auto is_other_name = [&](size_t i) {
    return occupied(rows[i])[0] && occupied(rows[i - 1])[0] &&
           std::max(rows[i].numbers, rows[i - 1].numbers) >= 2 &&
           extents[0].b - extents[0].a > 7 * rows[i].size && !had_no_room(i, 0);
  };
  for (size_t i = 1; i < n; ++i) {
    if (separated(i)) continue;
    if (in_middle[i] || in_middle[i - 1]) {
      starts[i] = false;
      continue;
    }
    if (beside_middle(i)) continue;
    const float step = (rows[i].base - rows[i - 1].base) / rows[i].size;
    if ((step < 2.6f && is_rest(i)) || is_rest_of_name(i)) {
      starts[i] = false;
      continue;
    }
    if (border > 0) {
      starts[i] = step > border;
      continue;
    }
    const std::vector<bool> here = occupied(rows[i]);
    size_t count = 0;
    for (bool has : here) count += has;
    // Without a first cell and close to the row above: more of its text.
    const bool goes_on =
        !here[0] && count * 2 <= columns && step < 1.6f && with_first * 2 + two_lines >= n;
    // A rule-separated table has all its borders drawn, unless its rules part groups of rows.
    const bool row_of_numbers = here[0] && rows[i].numbers >= 2 && rows[i - 1].numbers >= 2;
    const bool drawn = separators.size() >= 3 && separators.size() + 1 >= n / 3 && step < 1.5f &&
                       !row_of_numbers && !is_other_name(i);
    starts[i] = !(goes_on || drawn);
  }
  if (two_lines) starts[1] = false;
  for (size_t i = 1, lines = header_lines(); i < lines; ++i) starts[i] = false;
  return starts;
}

std::vector<Line> cell_lines(const Sheet& sheet, const std::vector<uint32_t>& fragments) {
  std::vector<Line> lines;
  for (const Row& row : rows_of(sheet, fragments)) lines.push_back(joined_line(sheet, row));
  return lines;
}

bool tidy_table(Table& table) {
  std::vector<bool> row_used(table.rows, false), column_used(table.columns, false);
  for (const Cell& cell : table.cells) {
    if (cell.lines.empty()) continue;
    // A cell that spans makes its first row and column useful only.
    row_used[cell.row] = true;
    column_used[cell.column] = true;
  }
  std::vector<uint32_t> row_at(table.rows + 1, 0), column_at(table.columns + 1, 0);
  for (uint32_t r = 0; r < table.rows; ++r) row_at[r + 1] = row_at[r] + row_used[r];
  for (uint32_t c = 0; c < table.columns; ++c) column_at[c + 1] = column_at[c] + column_used[c];
  std::vector<Cell> kept;
  for (Cell& cell : table.cells) {
    const uint32_t last_row = cell.row + cell.row_span,
                   last_column = cell.column + cell.column_span;
    const uint32_t rows = row_at[last_row] - row_at[cell.row];
    const uint32_t columns = column_at[last_column] - column_at[cell.column];
    if (rows == 0 || columns == 0) continue;
    cell.row = row_at[cell.row];
    cell.column = column_at[cell.column];
    cell.row_span = rows;
    cell.column_span = columns;
    kept.push_back(std::move(cell));
  }
  table.rows = row_at.back();
  table.columns = column_at.back();
  table.cells = std::move(kept);
  std::sort(table.cells.begin(), table.cells.end(), [](const Cell& a, const Cell& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
  return table.rows > 0 && table.columns > 0;
}

void mark_header(Table& table) {
  if (table.rows < 2) return;
  uint32_t header_rows = 1;
  // A cell that spans columns heads the cells below it; one that spans rows ends with them.
  for (bool grown = true; grown && header_rows < std::min(4u, table.rows - 1);) {
    grown = false;
    for (const Cell& cell : table.cells) {
      if (cell.row >= header_rows || cell.lines.empty()) continue;
      const bool heads =
          cell.column_span > 1 && cell.column_span < table.columns && cell.row + 1 == header_rows;
      if (!heads && cell.row + cell.row_span <= header_rows) continue;
      bool numbers = false;
      for (const Cell& below : table.cells)
        numbers =
            numbers || (below.row == header_rows && below.column > 0 && mostly_numbers(below));
      if (numbers) continue;
      ++header_rows;
      grown = true;
      break;
    }
  }
  for (Cell& cell : table.cells) cell.header = cell.row < header_rows;
}

void add_table(Sheet& sheet, Table table, const Box& box, const std::vector<uint32_t>& fragments) {
  Block block;
  block.type = BlockType::kTable;
  block.box = box;
  float confidence = 0;
  size_t lines = 0;
  for (uint32_t index : fragments) {
    Fragment& f = sheet.fragments[index];
    f.taken = true;
    confidence += f.line.confidence;
    ++lines;
    block.source = f.line.source;
  }
  if (lines > 0)
    block.confidence = std::round(1000 * confidence / static_cast<float>(lines)) / 1000;
  block.table = std::move(table);
  sheet.blocks.push_back(std::move(block));
}

}  // namespace pdf2md::document
