#include "document/usual_size.h"

#include <cmath>
#include <map>

namespace pdf2md::document {
namespace {

constexpr float kUsualSize = 10, kSmallestSize = 6, kLargestSize = 30;  // points
constexpr float kNoSize = 10'000;  // and above: nobody reads that

void scale(Box& box, float k) {
  box = {box.x0 * k, box.y0 * k, box.x1 * k, box.y1 * k};
}

void scale(Line& line, float k) {
  scale(line.box, k);
  line.baseline_y *= k;
  for (Span& span : line.spans) {
    scale(span.box, k);
    span.size_pt *= k;
  }
}

void scale(Table& table, float k) {
  for (Cell& cell : table.cells) {
    scale(cell.box, k);
    for (Line& line : cell.lines) scale(line, k);
  }
}

}  // namespace

float scale_to_usual_size(const PageInput& input) {
  std::map<int, size_t> sizes;
  for (const Line& line : input.lines)
    for (const Span& span : line.spans)
      if (span.size_pt > 0 && span.size_pt < kNoSize)
        sizes[static_cast<int>(std::lround(span.size_pt * 4))] += span.text.size();
  size_t all = 0, seen = 0;
  for (const auto& [quarters, bytes] : sizes) all += bytes;
  for (const auto& [quarters, bytes] : sizes) {
    seen += bytes;
    if (seen * 2 < all || quarters == 0) continue;
    const float median = static_cast<float>(quarters) / 4;
    return median < kSmallestSize || median > kLargestSize ? kUsualSize / median : 1;
  }
  return 1;
}

PageInput scaled(PageInput input, float k) {
  input.width_pt *= k;
  input.height_pt *= k;
  for (Line& line : input.lines) scale(line, k);
  for (Rule& rule : input.rules) scale(rule.box, k);
  for (Fill& fill : input.fills) scale(fill.box, k);
  for (PlacedImage& image : input.images) scale(image.box, k);
  for (Widget& widget : input.widgets) scale(widget.box, k);
  for (Region& region : input.regions) scale(region.box, k);
  for (Table& table : input.tables) scale(table, k);
  return input;
}

void scale(Block& block, float k) {
  scale(block.box, k);
  for (Line& line : block.lines) scale(line, k);
  if (block.table) scale(*block.table, k);
}

}  // namespace pdf2md::document
