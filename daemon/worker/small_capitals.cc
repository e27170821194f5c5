#include "daemon/worker/small_capitals.h"

#include <algorithm>
#include <cmath>

#include "document/characters.h"
#include "document/hyphenation.h"

namespace pdf2md::worker {
namespace {

constexpr size_t kLeastCapitals = 3;  // side by side, for a line to be looked at
constexpr size_t kLeastLetters = 4;   // small ones in a line: fewer are a matter of ink
constexpr float kSmall =
    0.86f;  // of the line's capitals and long letters; small capitals are 0.7 to 0.8
constexpr float kWindow =
    0.3f;  // of the distance between neighbours, to either side of a letter's middle

// Not those with a tail or an accent.
bool is_tall(char32_t c) {
  return std::u32string_view(U"ABCDEFGHIKLMNOPRSTUVWXYZbdfhkl").find(c) !=
         std::u32string_view::npos;
}

// The value between ink and paper.
int threshold_of(const models::ImageView& line) {
  int low = 255, high = 0;
  for (int y = 0; y < line.height; ++y) {
    const uint8_t* row = line.data + static_cast<ptrdiff_t>(y) * line.stride;
    for (int x = 0; x < line.width; ++x) {
      low = std::min<int>(low, row[static_cast<ptrdiff_t>(x) * line.channels]);
      high = std::max<int>(high, row[static_cast<ptrdiff_t>(x) * line.channels]);
    }
  }
  return (low + high) / 2;
}

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Capitals behind small letters of their word, lower than the capital that it begins with: of a word
// in small capitals some letters were read as small ones, "LioN". In "McDonald" they are of one height.
std::vector<size_t> small_among_lower(const std::u32string& all,
                                      const std::vector<float>& heights) {
  std::vector<size_t> small;
  for (size_t begin = 0; begin < all.size();) {
    size_t end = begin;
    bool lower = false;
    for (; end < all.size() && document::is_letter(all[end]); ++end) {
      const bool upper = document::is_upper(all[end]);
      if (lower && upper && document::is_upper(all[begin]) && heights[end] > 0 &&
          heights[end] < kSmall * heights[begin])
        small.push_back(end);
      lower = lower || !upper;
    }
    begin = std::max(end, begin + 1);
  }
  return small;
}

bool has_capitals_together(const std::u32string& text) {
  size_t run = 0;
  for (char32_t c : text) {
    run = document::is_upper(c) ? run + 1 : 0;
    if (run >= kLeastCapitals) return true;
  }
  return false;
}

}  // namespace

std::vector<float> ink_heights(const models::ImageView& line, const std::vector<float>& positions) {
  const int threshold = threshold_of(line);
  const float width = static_cast<float>(line.width);
  std::vector<float> heights(positions.size(), 0);
  for (size_t i = 0; i < positions.size(); ++i) {
    const float left = i > 0 ? positions[i] - positions[i - 1] : 1;
    const float right = i + 1 < positions.size() ? positions[i + 1] - positions[i] : 1;
    const float reach = kWindow * std::min(left, right) * width;
    const int from = std::max(0, static_cast<int>(positions[i] * width - reach));
    const int to = std::min(line.width - 1, static_cast<int>(positions[i] * width + reach));
    int top = -1, bottom = -1;
    for (int y = 0; y < line.height; ++y) {
      const uint8_t* row = line.data + static_cast<ptrdiff_t>(y) * line.stride;
      for (int x = from; x <= to; ++x) {
        if (row[static_cast<ptrdiff_t>(x) * line.channels] >= threshold) continue;
        if (top < 0) top = y;
        bottom = y;
        break;
      }
    }
    if (top >= 0) heights[i] = static_cast<float>(bottom - top + 1);
  }
  return heights;
}

std::string without_small_capitals(const std::string& text, const std::vector<float>& heights) {
  std::u32string all = document::code_points(text);
  if (all.size() != heights.size()) return text;
  // What stands as high as letters do, but for two blots. Of a line in small capitals few do.
  std::vector<float> tall;
  for (size_t i = 0; i < all.size(); ++i)
    if (is_tall(all[i]) && heights[i] > 0) tall.push_back(heights[i]);
  if (tall.empty()) return text;
  std::sort(tall.begin(), tall.end());
  const float full = tall[tall.size() - 1 - std::min<size_t>(2, tall.size() / 8)];

  std::vector<size_t> small;
  for (size_t begin = 0; has_capitals_together(all) && begin < all.size();) {
    size_t end = begin;
    while (end < all.size() && document::is_upper(all[end])) ++end;
    if (end - begin >= 2) {
      // The first letter may be a capital among small ones; the others are of one height.
      std::vector<float> rest(heights.begin() + static_cast<ptrdiff_t>(begin) + 1,
                              heights.begin() + static_cast<ptrdiff_t>(end));
      const float height = median(std::move(rest));
      if (height > 0 && height < kSmall * full)
        for (size_t i = heights[begin] < kSmall * full ? begin : begin + 1; i < end; ++i)
          small.push_back(i);
    }
    begin = std::max(end, begin + 1);
  }
  if (small.size() < kLeastLetters) small.clear();
  const std::vector<size_t> among_lower = small_among_lower(all, heights);
  small.insert(small.end(), among_lower.begin(), among_lower.end());
  if (small.empty()) return text;
  for (size_t i : small) all[i] = document::lower_case(all[i]);
  std::string lowered;
  for (char32_t c : all) document::append_code_point(lowered, c);
  return lowered;
}

}  // namespace pdf2md::worker
