#include "daemon/worker/ocr_lines.h"

#include <algorithm>
#include <cmath>

#include "daemon/worker/ocr_sizes.h"

namespace pdf2md::worker {
namespace {

using document::Box;
using document::Line;
using models::Quad;

struct Point {
  float x = 0, y = 0;
};

Point middle(const Quad& quad, int a, int b) {
  return {(quad.x[a] + quad.x[b]) / 2, (quad.y[a] + quad.y[b]) / 2};
}

float side(const Quad& quad, int from, int to) {
  return std::hypot(quad.x[to] - quad.x[from], quad.y[to] - quad.y[from]);
}

// --- skew
constexpr float kLongLine = 8;         // its length in heights: shorter boxes slope by chance
constexpr size_t kLeastLines = 4;      // that must agree
constexpr float kLeastSkew = 0.0035f;  // 0.2°: less does no harm
constexpr float kMostSkew = 0.21f;     // 12°: more is a page turned on purpose, or a photograph
constexpr float kAgree = 0.012f;       // 0.7° from the page's skew

struct Slope {
  float angle = 0;
  float length = 0;
};

// The angle with half of the length on either side.
float median(std::vector<Slope>& slopes) {
  std::sort(slopes.begin(), slopes.end(),
            [](const Slope& a, const Slope& b) { return a.angle < b.angle; });
  double all = 0, passed = 0;
  for (const Slope& slope : slopes) all += slope.length;
  for (const Slope& slope : slopes) {
    passed += slope.length;
    if (2 * passed >= all) return slope.angle;
  }
  return 0;
}

// --- straightening: a turn about the middle of the page
struct Turn {
  float cos = 1, sin = 0;
  Point centre;

  Turn(float angle, int width_px, int height_px)
      : cos(std::cos(angle)),
        sin(std::sin(angle)),
        centre{static_cast<float>(width_px) / 2, static_cast<float>(height_px) / 2} {}
  Point operator()(Point p) const {
    const float x = p.x - centre.x, y = p.y - centre.y;
    return {centre.x + cos * x - sin * y, centre.y + sin * x + cos * y};
  }
};

Quad turned(const Quad& quad, const Turn& turn) {
  Quad out;
  for (int i = 0; i < 4; ++i) {
    const Point p = turn({quad.x[i], quad.y[i]});
    out.x[i] = p.x;
    out.y[i] = p.y;
  }
  return out;
}

// Between the middles of opposite sides: lines that still slope a little are no thicker for it.
Box box_of(const Quad& quad) {
  const Box hull{*std::min_element(quad.x, quad.x + 4), *std::min_element(quad.y, quad.y + 4),
                 *std::max_element(quad.x, quad.x + 4), *std::max_element(quad.y, quad.y + 4)};
  const Box tight{middle(quad, 0, 3).x, middle(quad, 0, 1).y, middle(quad, 1, 2).x,
                  middle(quad, 2, 3).y};
  return tight.empty() ? hull : tight;
}

Line to_line(const ReadBox& from, const Quad& quad, float size_px, float pt_per_pixel) {
  const Box pixels = box_of(quad);
  Line line;
  line.box = Box{pixels.x0 * pt_per_pixel, pixels.y0 * pt_per_pixel, pixels.x1 * pt_per_pixel,
                 pixels.y1 * pt_per_pixel};
  line.rotation = from.rotation;
  line.source = document::Source::kOcr;
  line.confidence = from.read.confidence;
  line.script = from.read.script;
  const float size = size_px * pt_per_pixel;
  const Reach reach = reach_of(from.read.text);
  const float to_baseline = (reach.below + kBoxMargin) * size;
  switch (from.rotation) {
    case 90:
      line.baseline_y = line.box.x0 + to_baseline;
      break;  // reads downwards
    case 270:
      line.baseline_y = line.box.x1 - to_baseline;
      break;  // reads upwards
    default:
      line.baseline_y = line.box.y1 - to_baseline;
  }
  document::Span span;
  span.text = from.read.text;
  span.size_pt = std::round(size * 10) / 10;
  span.box = line.box;
  line.spans.push_back(std::move(span));
  return line;
}

}  // namespace

float skew_of(const std::vector<ReadBox>& boxes) {
  std::vector<Slope> slopes;
  for (const ReadBox& box : boxes) {
    if (box.rotation != 0) continue;
    const Point from = middle(box.quad, 0, 3), to = middle(box.quad, 1, 2);
    const float length = std::hypot(to.x - from.x, to.y - from.y);
    if (length < kLongLine * side(box.quad, 0, 3)) continue;
    slopes.push_back({std::atan2(to.y - from.y, to.x - from.x), length});
  }
  if (slopes.size() < kLeastLines) return 0;
  const float skew = median(slopes);
  const auto agreeing = std::count_if(slopes.begin(), slopes.end(), [skew](const Slope& slope) {
    return std::abs(slope.angle - skew) < kAgree;
  });
  if (static_cast<size_t>(agreeing) * 4 < slopes.size() * 3) return 0;
  return std::abs(skew) < kLeastSkew || std::abs(skew) > kMostSkew ? 0 : skew;
}

Quad straight_page(int width_px, int height_px, float skew) {
  const float width = static_cast<float>(width_px), height = static_cast<float>(height_px);
  const Quad page{{0, width, width, 0}, {0, 0, height, height}};
  return turned(page, Turn(skew, width_px, height_px));
}

std::vector<Line> lines_of(const std::vector<ReadBox>& boxes, float skew, int width_px,
                           int height_px, double pixels_per_pt) {
  const Turn back(-skew, width_px, height_px);
  const std::vector<float> sizes_px = font_sizes(boxes);
  std::vector<Line> lines;
  for (size_t i = 0; i < boxes.size(); ++i)
    lines.push_back(to_line(boxes[i], turned(boxes[i].quad, back), sizes_px[i],
                            static_cast<float>(1 / pixels_per_pt)));
  settle_sizes(lines);
  mark_bold(boxes, lines);
  return lines;
}

}  // namespace pdf2md::worker
