// What is on the page but not in its text: line numbers in the margin, watermarks, page numbers,
// and heads and feet where the page itself shows that they are. Assembly compares pages and finds
// the others.
#include <algorithm>
#include <cmath>

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
  if (number_of(text) >= 0) return true;
  const bool roman = text.size() <= 6 && text.find_first_not_of("ivxlc") == std::string_view::npos;
  if (roman) return true;
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
void find_heads_and_feet(Sheet& sheet) {
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
    if (!sheet.fragments[i].taken) all.push_back(i);
  const std::vector<Row> rows = rows_of(sheet, all);
  if (rows.empty()) return;
  const auto rule_between = [&](float a, float b) {
    return std::any_of(sheet.across.begin(), sheet.across.end(), [&](const Box& rule) {
      return rule.center_y() > a && rule.center_y() < b &&
             rule.width() > 0.5f * sheet.text_area.width();
    });
  };
  const auto region_says = [&](const Row& row, RegionType type) {
    return std::any_of(sheet.regions.begin(), sheet.regions.end(), [&](const Region& region) {
      return region.type == type && region.score > 0.5f &&
             region.box.contains(row.box.center_x(), row.box.center_y());
    });
  };
  const auto take_row = [&](const Row& row, BlockType type) {
    for (uint32_t i : row.fragments) {
      Fragment& f = sheet.fragments[i];
      take(sheet, f, is_page_number(f.text) ? BlockType::kPageNumber : type);
    }
  };
  // From the bottom up, then from the top down; at most three rows each.
  for (size_t k = 0; k < 3 && k + 1 < rows.size(); ++k) {
    const Row& row = rows[rows.size() - 1 - k];
    const Row& above = rows[rows.size() - 2 - k];
    if (row.box.y0 < 0.88f * sheet.height) break;
    const float gap = row.base - above.base;
    const bool lone = row.fragments.size() == 1;
    const bool number = lone ? is_page_number(sheet.fragments[row.fragments[0]].text)
                             : is_page_number(sheet.fragments[row.fragments.front()].text) ||
                                   is_page_number(sheet.fragments[row.fragments.back()].text);
    const bool apart =
        gap > 1.8f * sheet.body_size * 1.2f || rule_between(above.base, row.base - 0.5f * row.size);
    if (!(number && apart) && !region_says(row, RegionType::kFooter) &&
        !(number && lone && gap > 1.6f * row.size))
      break;
    take_row(row, BlockType::kFooter);
  }
  for (size_t k = 0; k < 3 && k + 1 < rows.size(); ++k) {
    const Row& row = rows[k];
    const Row& below = rows[k + 1];
    if (row.box.y1 > 0.12f * sheet.height || row.size > 1.15f * sheet.body_size) break;
    if (sheet.fragments[row.fragments[0]].taken) break;
    const float gap = below.base - row.base;
    const bool number = is_page_number(sheet.fragments[row.fragments.front()].text) ||
                        is_page_number(sheet.fragments[row.fragments.back()].text);
    const bool rule =
        rule_between(row.base, below.base - 0.5f * below.size) && row.box.y1 < 0.1f * sheet.height;
    if (!(number && gap > 1.5f * row.size) && !rule && !region_says(row, RegionType::kHeader))
      break;
    take_row(row, BlockType::kHeader);
  }
}

}  // namespace

void mark_furniture(Sheet& sheet) {
  find_watermarks(sheet);
  find_line_numbers(sheet);
  find_heads_and_feet(sheet);
}

}  // namespace pdf2md::document
