// Joining over the borders of columns and pages.
#include <algorithm>
#include <cmath>

#include "document/assemble_page.h"
#include "document/characters.h"
#include "document/inline_text.h"

namespace pdf2md::document {
namespace {

bool closes_sentence(const std::string& text) {
  const std::u32string all = code_points(trimmed(text));
  size_t at = all.size();
  while (at > 1 &&
         std::u32string_view(U")]\"”’»›」』）'").find(all[at - 1]) != std::u32string_view::npos)
    --at;
  if (at == 0) return false;
  return std::u32string_view(U".!?:;…。！？：；؟۔।").find(all[at - 1]) != std::u32string_view::npos;
}

struct Start {
  bool lower = false, upper = false, cjk = false;
};
Start start_of(const std::string& text) {
  Start start;
  for (char32_t c : code_points(std::string_view(text).substr(0, 64))) {
    if (is_letter(c) || is_digit(c)) {
      start.lower = is_lower(c);
      start.upper = is_upper(c);
      start.cjk = is_cjk(c);
      return start;
    }
    if (std::u32string_view(U"\"“„«‘([").find(c) == std::u32string_view::npos) return start;
  }
  return start;
}

// The last line reaches the end of its column, so that the next word may not have fitted.
bool is_full(const PagePiece& piece) {
  if (piece.lines == 0) return false;
  const float slack = 3.5f * std::max(piece.size_pt, 6.0f);
  const CharacterCounts counts = count_characters(plain_text(piece.element.runs));
  const bool right_to_left = counts.right_to_left * 2 > counts.letters;
  return right_to_left ? piece.last_x0 <= piece.left + slack : piece.last_x1 >= piece.right - slack;
}

bool paragraph_goes_on(const PagePiece& last, const PagePiece& next, const Statistics& statistics) {
  const float size = std::max(last.size_pt, next.size_pt);
  if (std::abs(last.size_pt - next.size_pt) >
      std::max(0.08f * size, next.element.source == Source::kOcr ? 1.5f : 0.4f))
    return false;
  const std::string before = plain_text(last.element.runs), after = plain_text(next.element.runs);
  if (before.empty() || after.empty()) return false;
  const Start start = start_of(after);
  const bool below = last.page == next.page && next.box.y0 > last.box.y1 - 0.3f * size &&
                     overlap(last.box.x0, last.box.x1, next.box.x0, next.box.x1) >
                         0.3f * std::min(last.box.width(), next.box.width());
  if (ends_in_hyphen(before)) return start.lower || (!below && start.upper && is_full(last));
  // The page stage saw both in one column, and made them two.
  if (below) return start.lower && !closes_sentence(before) && is_full(last);
  const float indent = next.first_x0 - next.left;
  const bool indented = indent > 0.7f * size && indent < 6 * size && next.lines > 1;
  if (!closes_sentence(before)) {
    if (start.lower) return true;
    if (!is_full(last)) return false;
    if (start.cjk || !start.upper) return !indented;
    return !(statistics.indented && indented);
  }
  // A sentence ends at the end of the column: only the habit of indenting tells.
  return statistics.indented && !indented && is_full(last) && next.lines > 1 && last.lines > 1 &&
         next.element.type == ElementType::kParagraph && last.page + 1 >= next.page;
}

std::vector<std::string> row_texts(const ElementTable& table, uint32_t row) {
  std::vector<std::string> texts;
  for (const ElementCell& cell : table.cells) {
    if (cell.row != row) continue;
    std::string text;
    for (const Runs& runs : cell.paragraphs) text += plain_text(runs) + " ";
    texts.push_back(std::to_string(cell.column) + "+" + std::to_string(cell.column_span) + ":" +
                    text);
  }
  return texts;
}

// How many leading rows of `next` repeat those of `last`.
uint32_t repeated_rows(const ElementTable& last, const ElementTable& next) {
  const uint32_t most = std::min({last.rows, next.rows, std::max(last.header_rows, 1u)});
  uint32_t same = 0;
  while (same < most && row_texts(last, same) == row_texts(next, same)) ++same;
  return same == std::max(last.header_rows, 1u) ? same : 0;
}

bool table_goes_on(const PagePiece& last, const PagePiece& next) {
  const ElementTable& a = last.element.table;
  const ElementTable& b = next.element.table;
  if (next.page != last.page + 1 || a.columns != b.columns || !next.element.caption.empty())
    return false;
  if (repeated_rows(a, b) > 0) return true;
  // Without a repeated header: only where both reach across the same width and the second has none.
  const float tolerance = 0.02f * std::max(last.box.width(), 1.0f);
  const bool same_width = std::abs(last.box.width() - next.box.width()) < tolerance;
  return same_width && b.header_rows == 0 && a.columns > 1;
}

// The last group of rows goes on: the rows without a name at the start of `b` are its too.
void extend_group(ElementTable& a, ElementTable& b, uint32_t from) {
  ElementCell* name = nullptr;
  for (ElementCell& cell : a.cells)
    if (cell.column == 0 && cell.column_span == 1 && cell.row_span > 1 &&
        cell.row + cell.row_span == a.rows)
      name = &cell;
  if (name == nullptr) return;
  for (uint32_t row = from; row < b.rows; ++row) {
    const auto first = std::find_if(b.cells.begin(), b.cells.end(), [&](const ElementCell& cell) {
      return cell.row == row && cell.column == 0;
    });
    if (first == b.cells.end() || !first->paragraphs.empty() || first->row_span > 1 ||
        first->column_span > 1)
      return;
    b.cells.erase(first);
    ++name->row_span;
  }
}

void join_tables(ElementTable& a, ElementTable b) {
  const uint32_t repeated = repeated_rows(a, b);
  extend_group(a, b, repeated);
  for (ElementCell& cell : b.cells) {
    if (cell.row < repeated) continue;
    cell.row += a.rows - repeated;
    a.cells.push_back(std::move(cell));
  }
  a.rows += b.rows - repeated;
}

}  // namespace

bool goes_on(const PagePiece& last, const PagePiece& next, const Statistics& statistics) {
  const ElementType a = last.element.type, b = next.element.type;
  if (a == ElementType::kTable && b == ElementType::kTable) return table_goes_on(last, next);
  if (a == ElementType::kCode && b == ElementType::kCode)
    return next.page == last.page + 1 && std::abs(last.size_pt - next.size_pt) < 0.5f;
  if ((a == ElementType::kParagraph || a == ElementType::kListItem) && b == ElementType::kParagraph)
    return next.page <= last.page + 1 && paragraph_goes_on(last, next, statistics);
  return false;
}

void join(PagePiece& last, PagePiece next, const Statistics& statistics) {
  Element& a = last.element;
  Element& b = next.element;
  if (a.type == ElementType::kTable)
    join_tables(a.table, std::move(b.table));
  else if (a.type == ElementType::kCode)
    a.code += "\n" + b.code;
  else
    join_runs(a.runs, std::move(b.runs), statistics.join_evidence());
  a.places.insert(a.places.end(), b.places.begin(), b.places.end());
  last.page = next.page;
  last.box = next.box;
  last.last_x0 = next.last_x0;
  last.last_x1 = next.last_x1;
  last.left = next.left;
  last.right = next.right;
  last.lines += next.lines;
}

}  // namespace pdf2md::document
