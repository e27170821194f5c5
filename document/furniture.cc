// What is on the page but not in its text: line numbers in the margin, watermarks, page numbers,
// and heads and feet where the page itself shows that they are. Assembly compares pages and finds
// the others.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {
namespace {

Block block_of(const Fragment& f, BlockType type) {
  Block block;
  block.type = type;
  block.box = f.box;
  block.source = f.line.source;
  block.confidence = f.line.confidence;
  block.lines.push_back(f.line);
  return block;
}

void take(Sheet& sheet, Fragment& f, BlockType type) {
  f.taken = true;
  sheet.blocks.push_back(block_of(f, type));
}

int number_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > 4) return -1;
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// A column of numbers that grow by a fixed step from line to line, beside text that they do not
// belong to.
void find_line_numbers(Sheet& sheet) {
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
    if (!sheet.fragments[i].taken && number_of(sheet.fragments[i].text) >= 0) numbers.push_back(i);
  std::sort(numbers.begin(), numbers.end(), [&](uint32_t a, uint32_t b) {
    return sheet.fragments[a].base < sheet.fragments[b].base;
  });
  std::vector<bool> used(numbers.size(), false);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (used[i]) continue;
    std::vector<size_t> chain{i};
    int step = 0;
    for (size_t k = i + 1; k < numbers.size() && chain.size() < 400; ++k) {
      if (used[k]) continue;
      const Fragment& last = sheet.fragments[numbers[chain.back()]];
      const Fragment& next = sheet.fragments[numbers[k]];
      const float slack = 0.6f * next.size;
      if (std::abs(next.box.x1 - last.box.x1) > slack &&
          std::abs(next.box.x0 - last.box.x0) > slack)
        continue;
      const int grown = number_of(next.text) - number_of(last.text);
      if (grown <= 0 || grown > 10 || (step != 0 && grown != step)) continue;
      step = grown;
      chain.push_back(k);
    }
    if (chain.size() < 5 || (step != 1 && step != 5 && step != 10 && step != 2)) continue;
    Box hull;
    float size = 0;
    for (size_t k : chain) {
      hull = united(hull, sheet.fragments[numbers[k]].box);
      size = std::max(size, sheet.fragments[numbers[k]].size);
    }
    // Text must stand beside it, close and on one side; a table has columns on both or rules
    // between.
    size_t beside = 0, other_side = 0, far = 0;
    float closest = 1e9f;
    for (const Fragment& f : sheet.fragments) {
      if (f.taken || f.box.center_y() < hull.y0 || f.box.center_y() > hull.y1) continue;
      if (f.box.x0 >= hull.x1) {
        ++beside;
        closest = std::min(closest, f.box.x0 - hull.x1);
        if (f.box.width() > 12 * sheet.body_size) ++far;
      } else if (f.box.x1 <= hull.x0) {
        ++other_side;
      }
    }
    const bool small = size < 0.93f * sheet.body_size;
    const bool spaced = chain.size() >= 8 || step > 1;
    size_t texts =
        0;  // a margin's numbers stand beside lines of text, a table's beside several cells
    for (size_t k : chain) {
      const Fragment& number = sheet.fragments[numbers[k]];
      size_t same_row = 0;
      for (const Fragment& f : sheet.fragments)
        same_row += !f.taken && &f != &number && f.box.x0 >= hull.x1 &&
                    std::abs(f.base - number.base) < 0.5f * f.size;
      texts += same_row >= 3;
    }
    if (texts * 3 > chain.size() || beside < chain.size() / 2 || far * 3 < beside) continue;
    if (!small && !spaced) continue;
    if (!small && other_side * 2 > beside) continue;
    for (size_t k : chain) {
      used[k] = true;
      take(sheet, sheet.fragments[numbers[k]], BlockType::kNoise);
    }
  }
}

// The fixed-width text that a number stands before; null: none.
const Fragment* code_beside(const Sheet& sheet, const Fragment& number) {
  const Fragment* nearest = nullptr;
  for (const Fragment& f : sheet.fragments) {
    if (&f == &number || f.box.x0 < number.box.x1 || std::abs(f.base - number.base) > 0.3f * f.size)
      continue;
    if (nearest == nullptr || f.box.x0 < nearest->box.x0) nearest = &f;
  }
  const bool code = nearest != nullptr && nearest->mono &&
                    nearest->box.x0 - number.box.x1 < 6 * number.size &&
                    number_of(nearest->text) < 0;
  return code ? nearest : nullptr;
}

// Numbers of the lines of a program: in another font or colour than it, counting up.
void find_code_numbers(Sheet& sheet) {
  if (sheet.body_mono > 0.7f) return;
  constexpr size_t kMost = 1000;  // numbers looked at: bounds the work on hostile pages
  std::vector<uint32_t> numbers;
  size_t looked = 0;
  for (uint32_t i = 0; i < sheet.fragments.size() && looked < kMost; ++i) {
    const Fragment& f = sheet.fragments[i];
    if (f.taken || number_of(f.text) < 1 || f.line.spans.empty()) continue;
    ++looked;
    const Fragment* code = code_beside(sheet, f);
    if (code == nullptr || code->line.spans.empty()) continue;
    const Span& a = f.line.spans.front();
    const Span& b = code->line.spans.front();
    if (a.font != b.font || a.rgb != b.rgb || a.size_pt < 0.9f * b.size_pt) numbers.push_back(i);
  }
  std::sort(numbers.begin(), numbers.end(), [&](uint32_t a, uint32_t b) {
    return sheet.fragments[a].base < sheet.fragments[b].base;
  });
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Fragment& f = sheet.fragments[numbers[i]];
    const auto follows = [&](size_t k) {
      if (k >= numbers.size()) return false;
      const Fragment& other = sheet.fragments[numbers[k]];
      const int step = std::abs(number_of(other.text) - number_of(f.text));
      return (step == 1 || step == 5) && std::abs(other.box.x1 - f.box.x1) < 0.6f * f.size;
    };
    if (number_of(f.text) == 1 || follows(i + 1) || (i > 0 && follows(i - 1)))
      take(sheet, sheet.fragments[numbers[i]], BlockType::kNoise);
  }
}

// Very large pale text that other text runs over.
void find_watermarks(Sheet& sheet) {
  for (Fragment& f : sheet.fragments) {
    if (f.taken || f.size < 2.5f * sheet.body_size || f.size < 28 || f.line.spans.empty()) continue;
    const uint32_t rgb = f.line.spans.front().rgb;
    const uint32_t darkest = std::min({rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF});
    if (darkest < 0x90) continue;
    size_t over = 0;
    for (const Fragment& other : sheet.fragments)
      over += &other != &f && other.size < 0.6f * f.size && !intersection(other.box, f.box).empty();
    if (over >= 2) take(sheet, f, BlockType::kNoise);
  }
}

bool is_page_number(std::string_view text) {
  text = trimmed(text);
  while (!text.empty() && (text.front() == '-' || text.front() == '|' || text.front() == '['))
    text = trimmed(text.substr(1));
  while (!text.empty() && (text.back() == '-' || text.back() == '|' || text.back() == ']'))
    text = trimmed(text.substr(0, text.size() - 1));
  if (text.starts_with("Page ") || text.starts_with("page ")) text = trimmed(text.substr(5));
  if (text.empty() || text.size() > 12) return false;
  if (is_page_reference(text)) return true;
  // "3 of 12", "3/12"
  for (std::string_view middle : {" of ", "/", " / "}) {
    const size_t at = text.find(middle);
    if (at != std::string_view::npos && number_of(text.substr(0, at)) >= 0 &&
        number_of(text.substr(at + middle.size())) >= 0)
      return true;
  }
  return false;
}

// The first and the last line of the page where they stand off from the rest.
class HeadsAndFeet {
 public:
  explicit HeadsAndFeet(Sheet& sheet) : sheet_(sheet) {
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
      if (!sheet.fragments[i].taken) all.push_back(i);
    rows_ = rows_of(sheet, all);
  }

  // From the bottom up, then from the top down; at most three rows each.
  void find() {
    const size_t n = rows_.size();
    for (size_t k = 0; k < 3 && k + 1 < n; ++k) {
      const Row& row = rows_[n - 1 - k];
      if (!is_foot(row, rows_[n - 2 - k], k == 0)) break;
      take_row(row, BlockType::kFooter);
    }
    for (size_t k = 0; k < 3 && k + 1 < n; ++k) {
      const Row& row = rows_[k];
      if (first(row).taken || !is_head(row, rows_[k + 1])) break;
      take_row(row, BlockType::kHeader);
    }
  }

 private:
  const Fragment& first(const Row& row) const { return sheet_.fragments[row.fragments.front()]; }
  const Fragment& last(const Row& row) const { return sheet_.fragments[row.fragments.back()]; }

  bool rule_between(float a, float b) const {
    return std::any_of(sheet_.across.begin(), sheet_.across.end(), [&](const Box& rule) {
      return rule.center_y() > a && rule.center_y() < b &&
             rule.width() > 0.5f * sheet_.text_area.width();
    });
  }

  bool region_says(const Row& row, RegionType type) const {
    return std::any_of(sheet_.regions.begin(), sheet_.regions.end(), [&](const Region& region) {
      return region.type == type && region.score > 0.5f &&
             region.box.contains(row.box.center_x(), row.box.center_y());
    });
  }

  void take_row(const Row& row, BlockType type) {
    for (uint32_t i : row.fragments) {
      Fragment& f = sheet_.fragments[i];
      take(sheet_, f, is_page_number(f.text) ? BlockType::kPageNumber : type);
    }
  }

  size_t characters(const Row& row) const {
    size_t count = 0;
    for (uint32_t i : row.fragments) count += sheet_.fragments[i].counts.all;
    return count;
  }

  // Alone or far from the rest: "3   Results" is a heading.
  bool has_page_number(const Row& row) const {
    if (row.fragments.size() == 1) return is_page_number(first(row).text);
    const auto gap = [&](size_t i) {
      return sheet_.fragments[row.fragments[i]].box.x0 -
             sheet_.fragments[row.fragments[i - 1]].box.x1;
    };
    const float far = 3 * sheet_.body_size;
    return (is_page_number(first(row).text) && gap(1) > far) ||
           (is_page_number(last(row).text) && gap(row.fragments.size() - 1) > far);
  }

  // One line of text over most of the width.
  bool is_prose(const Row& row) const {
    return row.fragments.size() == 1 && row.box.width() > 0.7f * sheet_.text_area.width() &&
           first(row).counts.all > 20;
  }

  // Texts at both margins and nothing that fills the room between them.
  bool is_spread(const Row& row) const {
    const Box& area = sheet_.text_area;
    if (row.fragments.size() < 2 || row.fragments.size() > 3 || characters(row) > 120) return false;
    for (size_t i = 1; i < row.fragments.size(); ++i) {
      const float gap =
          sheet_.fragments[row.fragments[i]].box.x0 - sheet_.fragments[row.fragments[i - 1]].box.x1;
      if (gap < 3 * sheet_.body_size) return false;
    }
    return row.box.x0 < area.x0 + 2 * sheet_.body_size &&
           row.box.x1 > area.x1 - 2 * sheet_.body_size;
  }

  bool is_foot(const Row& row, const Row& above, bool lowest) const {
    const float gap = row.base - above.base;
    const bool lone = row.fragments.size() == 1;
    const bool number = has_page_number(row);
    if (row.box.y0 < 0.88f * sheet_.height) {
      // The page may end early: a number of its own, in the middle, below all else.
      const float middle = std::min(std::abs(row.box.center_x() - sheet_.width / 2),
                                    std::abs(row.box.center_x() - sheet_.text_area.center_x()));
      return lowest && lone && number && rows_.size() > 5 && gap > 2.5f * sheet_.body_size &&
             middle < 0.01f * sheet_.width && row.box.y0 > 0.5f * sheet_.height;
    }
    const bool apart = gap > 1.8f * sheet_.body_size * 1.2f ||
                       rule_between(above.base, row.base - 0.5f * row.size);
    if ((number && apart) || region_says(row, RegionType::kFooter) ||
        (number && lone && gap > 1.6f * row.size))
      return true;
    if (!lowest) return false;
    if (is_spread(row) && (is_prose(above) || gap > 2.5f * row.size)) return true;
    // Below where any text ends.
    return row.box.y0 > 0.95f * sheet_.height && lone && characters(row) < 80 &&
           gap > 2.2f * row.size && row.size < 1.1f * sheet_.body_size;
  }

  bool is_head(const Row& row, const Row& below) const {
    if (row.box.y1 > 0.12f * sheet_.height || row.size > 1.15f * sheet_.body_size) return false;
    const float gap = below.base - row.base;
    const bool number = has_page_number(row);
    if (number && gap > 1.5f * row.size) return true;
    if (rule_between(row.base, below.base - 0.5f * below.size) &&
        (row.box.y1 < 0.1f * sheet_.height || is_spread(row)))
      return true;
    if (region_says(row, RegionType::kHeader)) return true;
    // Close to the text, as in old books: "400    BRITISH HUSBANDRY.    [Ch. XIX."
    return is_prose(below) && (number || has_outer_number(first(row).text)) &&
           (row.fragments.size() > 1 ? is_spread(row) : mostly_capitals(first(row)));
  }

  static bool has_outer_number(std::string_view text) {
    text = trimmed(text);
    const size_t front = text.find(' '), back = text.rfind(' ');
    if (front == text.npos) return false;
    return number_of(text.substr(0, front)) > 9 || number_of(text.substr(back + 1)) > 9;
  }

  static bool mostly_capitals(const Fragment& f) {
    return f.counts.letters >= 4 && f.counts.upper * 10 >= f.counts.letters * 8;
  }

  Sheet& sheet_;
  std::vector<Row> rows_;
};

}  // namespace

void mark_furniture(Sheet& sheet) {
  find_watermarks(sheet);
  find_line_numbers(sheet);
  find_code_numbers(sheet);
  HeadsAndFeet(sheet).find();
}

}  // namespace pdf2md::document
