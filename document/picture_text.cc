#include <algorithm>

#include "document/characters.h"
#include "document/stages.h"

namespace pdf2md::document {
namespace {

constexpr float kLeastPictures = 0.3f;  // share of the page
constexpr size_t kMostCharacters = 400;
constexpr float kSure = 0.85f;
constexpr float kFoot = 0.88f;  // of the page's height: below stand the logos of a slide's template
constexpr float kSame = 0.3f;   // of a line's area in another: both are the same text

bool in_a_picture(const PageInput& input, const Box& box) {
  return std::any_of(input.images.begin(), input.images.end(), [&](const PlacedImage& image) {
    return image.box.contains(box.center_x(), box.center_y());
  });
}

}  // namespace

bool pictures_may_hold_text(const PageInput& input) {
  const Box page{0, 0, input.width_pt, input.height_pt};
  float pictures = 0;
  for (const PlacedImage& image : input.images) pictures += intersection(image.box, page).area();
  if (pictures < kLeastPictures * page.area()) return false;
  size_t characters = 0;
  for (const Line& line : input.lines) characters += count_characters(line.text()).all;
  return characters < kMostCharacters;
}

void add_picture_text(PageInput& input, std::vector<Line> read) {
  const std::vector<Line> known = input.lines;
  for (Line& line : read) {
    const bool there = std::any_of(known.begin(), known.end(), [&](const Line& other) {
      return intersection(other.box, line.box).area() > kSame * line.box.area();
    });
    const bool words = count_characters(line.text()).letters >= 2;
    if (there || !words || line.confidence < kSure || !in_a_picture(input, line.box) ||
        line.box.center_y() > kFoot * input.height_pt)
      continue;
    input.lines.push_back(std::move(line));
  }
}

}  // namespace pdf2md::document
