// Tables that were typed: columns made with spaces, leaders and lines of hyphens. What a typewriter
// put on one line is parted into the cells that it stands for, so that tables are found in it as in
// any other text.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {
namespace {

struct Token {
  size_t first = 0, last = 0;  // characters of the text
};

std::vector<Token> tokens_of(const std::u32string& text) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !is_space(text[end])) ++end;
    tokens.push_back({i, end});
    i = end;
  }
  return tokens;
}

std::string utf8(const std::u32string& text, const Token& token) {
  std::string out;
  for (size_t i = token.first; i < token.last; ++i) append_code_point(out, text[i]);
  return out;
}

bool is_number(std::string_view text) {
  const CharacterCounts counts = count_characters(text);
  return counts.digits > 0 && counts.letters == 0 && text.find("..") == text.npos;
}

// Dots that lead to what stands in the next column.
bool is_leader(std::string_view text) {
  return text.size() >= 4 && text.find_first_not_of('.') == text.npos;
}

// A line of hyphens or equals signs that is drawn with a typewriter.
bool is_typed_rule(const Fragment& f) {
  const std::string_view text = trimmed(f.text);
  return f.mono && text.size() >= 12 && text.find_first_not_of("-=_ ") == text.npos;
}

// The part of a fragment that holds some of its characters; all are taken to be equally wide.
Fragment part_of(const Sheet& sheet, const Fragment& f, const std::u32string& text,
                 const Token& token) {
  const float width = f.box.width() / static_cast<float>(std::max<size_t>(1, text.size()));
  Fragment part = f;
  part.text = utf8(text, token);
  part.box.x0 = f.box.x0 + width * static_cast<float>(token.first);
  part.box.x1 = f.box.x0 + width * static_cast<float>(token.last);
  part.counts = count_characters(part.text);
  part.line.spans.resize(1);
  part.line.spans[0].text = part.text;
  part.line.box = part.line.spans[0].box = sheet.to_page(part.box);
  return part;
}

// What a row of a typed table is parted into; empty: it is none.
std::vector<Fragment> cells_of(const Sheet& sheet, const Row& row) {
  std::vector<Fragment> cells;
  size_t numbers = 0, mono = 0;
  bool leader = false;
  for (const uint32_t index : row.fragments) {
    const Fragment& f = sheet.fragments[index];
    mono += f.mono;
    const std::u32string text = code_points(f.text);
    Token words;  // a name of several words
    const auto close = [&] {
      if (words.last > words.first) cells.push_back(part_of(sheet, f, text, words));
      words = {};
    };
    const std::vector<Token> tokens = tokens_of(text);
    // All before a leader is one name.
    size_t leads = tokens.size();
    while (leads > 0 && !is_leader(utf8(text, tokens[leads - 1]))) --leads;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const Token& token = tokens[i];
      const std::string part = utf8(text, token);
      if (is_leader(part)) {
        close();
        leader = true;
      } else if (is_number(part) && i >= leads) {
        close();
        ++numbers;
        cells.push_back(part_of(sheet, f, text, token));
      } else if (words.last > words.first) {
        words.last = token.last;
      } else {
        words = token;
      }
    }
    close();
  }
  // One number after a leader is a page: that is a table of contents.
  const bool typed = mono == row.fragments.size() && numbers >= 3 && numbers + 1 >= cells.size();
  return (leader && numbers >= 2) || typed ? cells : std::vector<Fragment>{};
}

}  // namespace

void part_typed_tables(Sheet& sheet) {
  constexpr size_t kLeast = 3;  // rows that make a table
  const bool any =
      std::any_of(sheet.fragments.begin(), sheet.fragments.end(), [](const Fragment& f) {
        return f.line.source == Source::kTextLayer && (f.mono || has_leader(f.text));
      });
  if (!any) return;
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
    if (sheet.fragments[i].line.source == Source::kTextLayer) all.push_back(i);
  const std::vector<Row> rows = rows_of(sheet, all);
  std::vector<std::vector<Fragment>> cells;
  for (const Row& row : rows) cells.push_back(cells_of(sheet, row));
  std::vector<bool> gone(sheet.fragments.size(), false);
  std::vector<Fragment> made;
  std::vector<Box> rules;
  for (size_t i = 0; i < rows.size();) {
    size_t end = i, count = 0;
    while (end < rows.size() &&
           (end == i || rows[end].base - rows[end - 1].base < 2.6f * rows[end].size)) {
      const bool rule = end > i && rows[end].fragments.size() == 1 &&
                        is_typed_rule(sheet.fragments[rows[end].fragments[0]]);
      if (cells[end].empty() && !rule) break;
      count += !cells[end].empty();
      ++end;
    }
    if (count < kLeast) {
      i = std::max(end, i + 1);
      continue;
    }
    for (size_t k = i; k < end; ++k) {
      if (cells[k].empty()) continue;
      for (const uint32_t index : rows[k].fragments) gone[index] = true;
      for (Fragment& cell : cells[k]) made.push_back(std::move(cell));
    }
    // The typed rules around it.
    const size_t from = i > 4 ? i - 4 : 0;
    for (size_t k = from; k < std::min(rows.size(), end + 3); ++k)
      for (const uint32_t index : rows[k].fragments) {
        const Fragment& f = sheet.fragments[index];
        if (gone[index] || !is_typed_rule(f)) continue;
        gone[index] = true;
        const float v = f.base - 0.3f * f.size;
        rules.push_back({f.box.x0, v - 0.3f, f.box.x1, v + 0.3f});
      }
    i = end;
  }
  if (made.empty()) return;
  for (size_t i = 0; i < sheet.fragments.size(); ++i)
    if (!gone[i]) made.push_back(std::move(sheet.fragments[i]));
  sheet.fragments = std::move(made);
  sheet.across.insert(sheet.across.end(), rules.begin(), rules.end());
}

}  // namespace pdf2md::document
