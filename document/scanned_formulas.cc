// Displayed formulas of scans: the recogniser reads their letters but not how they stand, so each is
// kept as a picture, with what was read as its text.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {
namespace {

constexpr float kLeastScore = 0.6f;
constexpr uint32_t kProse = 40;  // letters on end: a line of text that the model mistook

// The longest stretch of letters and spaces.
uint32_t longest_words(std::string_view text) {
  uint32_t longest = 0, now = 0;
  for (char32_t c : code_points(text)) {
    now = is_letter(c) || c == ' ' ? now + 1 : 0;
    longest = std::max(longest, now);
  }
  return longest;
}

// The model takes what stands in the middle for a formula, running heads too.
bool has_sign(std::string_view text) {
  constexpr std::u32string_view kSigns =
      U"=<>+\u2212\u00B1\u00D7\u2211\u220F\u222B\u221A\u2264\u2265\u2248\u2208|/^";
  const std::u32string characters = code_points(text);
  return characters.find_first_of(kSigns) != characters.npos;
}

// Its number stands beside it, at the margin of the column.
bool is_number_of(const Fragment& f, const Box& formula) {
  return is_equation_number(f.text) && f.box.center_y() > formula.y0 &&
         f.box.center_y() < formula.y1 && f.box.x0 > formula.x1 - f.size;
}

}  // namespace

void find_scanned_formulas(Sheet& sheet) {
  for (const Region& region : sheet.regions) {
    if (region.type != RegionType::kEquation || region.score < kLeastScore) continue;
    std::vector<uint32_t> inside, numbers;
    bool prose = false, sign = false;
    for (uint32_t i = 0; i < sheet.fragments.size(); ++i) {
      const Fragment& f = sheet.fragments[i];
      if (f.taken || f.line.source != Source::kOcr) continue;
      if (intersection(f.box, region.box).area() > 0.5f * f.box.area()) {
        inside.push_back(i);
        prose = prose || longest_words(f.text) >= kProse;
        sign = sign || has_sign(f.text);
      } else if (is_number_of(f, region.box)) {
        numbers.push_back(i);
      }
    }
    if (!sign || prose) continue;
    // One number, the nearest: the other column's formula has one as well.
    const auto nearest = std::min_element(numbers.begin(), numbers.end(), [&](auto a, auto b) {
      return sheet.fragments[a].box.x0 < sheet.fragments[b].box.x0;
    });
    if (nearest != numbers.end()) inside.push_back(*nearest);
    Block block;
    block.type = BlockType::kFormula;
    block.box = region.box;
    for (const Row& row : rows_of(sheet, inside)) block.lines.push_back(joined_line(sheet, row));
    float confidence = 1;
    for (uint32_t i : inside) {
      sheet.fragments[i].taken = true;
      block.box = united(block.box, sheet.fragments[i].box);
      confidence = std::min(confidence, sheet.fragments[i].line.confidence);
    }
    block.source = Source::kOcr;
    block.confidence = confidence;
    sheet.blocks.push_back(std::move(block));
  }
}

}  // namespace pdf2md::document
