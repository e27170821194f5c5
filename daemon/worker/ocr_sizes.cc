#include "daemon/worker/ocr_sizes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "document/characters.h"

namespace pdf2md::worker {
namespace {

using document::Line;

// Lines of about one size get one size, the one that most of their characters have. Groups are
// formed from the most frequent size downwards.
constexpr float kSameSize = 1.1f;
// Letters without tails: as high as capitals, or as high as an x.
constexpr std::u32string_view kTall = U"ABCDEFGHIKLMNOPRSTUVWXYZbdfhkl0123456789";
constexpr std::u32string_view kLow = U"acemnorsuvwxz";
constexpr float kCapital = 0.7f;    // their height, in font sizes
constexpr float kUsualLow = 0.65f;  // height of the low ones beside the tall ones
constexpr size_t kEnough = 3;       // letters that say how high their kind is

// What the letters of one kind say, in pixels.
struct Kind {
  float height = 0;
  size_t count = 0;
};

struct Letters {
  Kind tall, low;
};

Kind kind_of(std::vector<float> heights) {
  if (heights.empty()) return {};
  // A little above the middle: a letter may be cut into, and seldom grows.
  const auto at = heights.begin() + static_cast<ptrdiff_t>(heights.size() * 6 / 10);
  std::nth_element(heights.begin(), at, heights.end());
  return {*at, heights.size()};
}

Letters letters_of(const ReadBox& box) {
  const std::u32string text = document::code_points(box.read.text);
  if (text.size() != box.ink_heights.size()) return {};
  // Ideographs fill the box; the letters among them are of another font.
  if (std::any_of(text.begin(), text.end(), document::is_cjk)) return {};
  std::vector<float> tall, low;
  for (size_t i = 0; i < text.size(); ++i) {
    if (box.ink_heights[i] <= 0) continue;
    if (kTall.find(text[i]) != kTall.npos) tall.push_back(box.ink_heights[i]);
    if (kLow.find(text[i]) != kLow.npos) low.push_back(box.ink_heights[i]);
  }
  return {kind_of(std::move(tall)), kind_of(std::move(low))};
}

float median_of(std::vector<float> values, float otherwise) {
  if (values.empty()) return otherwise;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

float thickness_of(const models::Quad& quad) {
  const auto side = [&](int a, int b) {
    return std::hypot(quad.x[b] - quad.x[a], quad.y[b] - quad.y[a]);
  };
  return std::min(side(0, 3), side(0, 1));
}

// --- weight
constexpr float kBolder = 1.3f;     // than the strokes of the page's text
constexpr float kNotSmall = 0.92f;  // of the commonest size: what is smaller looks heavier
constexpr size_t kLeastLines = 6;   // that say how heavy text is

float size_of(const Line& line) {
  return line.spans[0].size_pt;
}

}  // namespace

Reach reach_of(std::string_view text) {
  using document::is_cjk;
  Reach reach;
  const auto above = [&](float value) { reach.above = std::max(reach.above, value); };
  const auto below = [&](float value) { reach.below = std::max(reach.below, value); };
  for (char32_t c : document::code_points(text)) {
    if (is_cjk(c)) return {0.8f, 0.2f};  // the whole em, near enough
    if (std::u32string_view(U"gjpqyQ,;()[]{}|/@$çþýÿş„‚§¶").find(c) != std::u32string_view::npos)
      below(0.13f);
    const bool tall = document::is_upper(c) || document::is_digit(c) ||
                      (c >= 0xC0 && document::is_letter(c)) ||
                      std::u32string_view(U"bdfhijklt!?\"'()[]{}/\\|&%$#@“”‘’").find(c) !=
                          std::u32string_view::npos;
    const bool accented = c >= 0xC0 && document::is_upper(c);
    if (tall) above(accented ? 0.85f : 0.72f);
  }
  return reach;
}

std::vector<float> font_sizes(const std::vector<ReadBox>& boxes) {
  std::vector<Letters> letters;
  std::vector<float> ratios;
  for (const ReadBox& box : boxes) {
    letters.push_back(letters_of(box));
    const Letters& own = letters.back();
    if (own.tall.count >= kEnough && own.low.count >= kEnough)
      ratios.push_back(own.low.height / own.tall.height);
  }
  const float ratio = std::clamp(median_of(std::move(ratios), kUsualLow), 0.5f, 0.85f);
  std::vector<float> sizes;
  for (size_t i = 0; i < boxes.size(); ++i) {
    Kind tall = letters[i].tall, low = letters[i].low;
    low.height /= ratio;
    // A few letters of one kind say less than many of the other.
    if (tall.count < kEnough && low.count >= kEnough) tall.count = 0;
    if (low.count < kEnough && tall.count >= kEnough) low.count = 0;
    const size_t count = tall.count + low.count;
    if (count > 0) {
      const float height = (tall.height * static_cast<float>(tall.count) +
                            low.height * static_cast<float>(low.count)) /
                           static_cast<float>(count);
      sizes.push_back(height / kCapital);
    } else {
      const Reach reach = reach_of(boxes[i].read.text);
      sizes.push_back(thickness_of(boxes[i].quad) / (reach.above + reach.below + 2 * kBoxMargin));
    }
  }
  return sizes;
}

void mark_bold(const std::vector<ReadBox>& boxes, std::vector<Line>& lines) {
  std::vector<float> strokes;   // in sizes
  std::map<float, size_t> use;  // of sizes, in bytes
  for (size_t i = 0; i < boxes.size(); ++i) {
    strokes.push_back(boxes[i].stroke_px / std::max(1.0f, size_of(lines[i])));
    use[size_of(lines[i])] += boxes[i].read.text.size();
  }
  if (boxes.size() < kLeastLines) return;
  const auto most = std::max_element(
      use.begin(), use.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<float> usual;
  for (size_t i = 0; i < boxes.size(); ++i)
    if (size_of(lines[i]) == most->first && strokes[i] > 0) usual.push_back(strokes[i]);
  if (usual.size() < kLeastLines) return;
  const float stroke = median_of(std::move(usual), 0);
  for (size_t i = 0; i < boxes.size(); ++i)
    if (strokes[i] > kBolder * stroke && size_of(lines[i]) >= kNotSmall * most->first)
      lines[i].spans[0].style |= document::kBold;
}

void settle_sizes(std::vector<Line>& lines) {
  std::vector<Line*> open;
  for (Line& line : lines) open.push_back(&line);
  while (!open.empty()) {
    std::sort(open.begin(), open.end(),
              [](const Line* a, const Line* b) { return size_of(*a) < size_of(*b); });
    size_t characters = 0, passed = 0;
    for (const Line* line : open) characters += line->spans[0].text.size();
    float median = size_of(*open.back());
    for (const Line* line : open) {
      passed += line->spans[0].text.size();
      if (passed * 2 >= characters) {
        median = size_of(*line);
        break;
      }
    }
    std::erase_if(open, [median](Line* line) {
      const float size = size_of(*line);
      const bool same = size <= median * kSameSize && size * kSameSize >= median;
      if (same) line->spans[0].size_pt = median;
      return same;
    });
  }
}

}  // namespace pdf2md::worker
