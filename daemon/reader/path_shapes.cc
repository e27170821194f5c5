#include "daemon/reader/path_shapes.h"

#include <GfxState.h>

#include <algorithm>
#include <cmath>

namespace pdf2md::reader {
namespace {

using document::Box;

constexpr double kThinnestRule = 0.1;  // the ink of a hairline
constexpr double kThickestRule = 3.0;  // thicker is a bar, and a filled box
constexpr double kStraight = 0.35;     // how far a line may lean, end to end

// A rule is thin, and longer than it is thick.
bool is_rule(const Box& box) {
  double thin = std::min(box.width(), box.height());
  double length = std::max(box.width(), box.height());
  return thin <= kThickestRule && length >= 2 * thin;
}

Box hull_of(const GfxSubpath& subpath, const Transform& t) {
  double x0 = 1e30, y0 = 1e30, x1 = -1e30, y1 = -1e30;
  for (int i = 0; i < subpath.getNumPoints(); ++i) {
    double x = t.x(subpath.getX(i), subpath.getY(i));
    double y = t.y(subpath.getX(i), subpath.getY(i));
    x0 = std::min(x0, x);
    y0 = std::min(y0, y);
    x1 = std::max(x1, x);
    y1 = std::max(y1, y);
  }
  return {static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
          static_cast<float>(y1)};
}

// At least kThinnestRule in each direction.
Box thickened(Box box, double by) {
  float half_x = static_cast<float>(std::max(by, kThinnestRule - box.width()) / 2);
  float half_y = static_cast<float>(std::max(by, kThinnestRule - box.height()) / 2);
  return {box.x0 - half_x, box.y0 - half_y, box.x1 + half_x, box.y1 + half_y};
}

bool has_curve(const GfxSubpath& subpath) {
  for (int i = 0; i < subpath.getNumPoints(); ++i) {
    if (subpath.getCurve(i)) return true;
  }
  return false;
}

// Four corners (five points where closed) with horizontal and vertical edges, or a line there and
// back.
bool is_box_shape(const GfxSubpath& subpath, const Transform& t) {
  int n = subpath.getNumPoints();
  if (n < 2 || n > 6 || has_curve(subpath)) return false;
  for (int i = 0; i < n; ++i) {
    int j = (i + 1) % n;
    double dx =
        std::abs(t.x(subpath.getX(i), subpath.getY(i)) - t.x(subpath.getX(j), subpath.getY(j)));
    double dy =
        std::abs(t.y(subpath.getX(i), subpath.getY(i)) - t.y(subpath.getX(j), subpath.getY(j)));
    if (dx > kStraight && dy > kStraight) return false;
  }
  // A triangle whose edges are all axis-parallel has no area; with three points only lines pass.
  if (n == 3) {
    Box hull = hull_of(subpath, t);
    return std::min(hull.width(), hull.height()) <= kStraight;
  }
  return true;
}

class Collector {
 public:
  Collector(const Box& visible, uint32_t rgb, size_t max_shapes)
      : visible_(visible), rgb_(rgb), max_shapes_(max_shapes) {}

  bool full() const { return out.rules.size() + out.fills.size() >= max_shapes_; }
  void rule(const Box& box) {
    Box cut = document::intersection(box, visible_);
    if (!cut.empty()) out.rules.push_back({cut, rgb_});
  }
  void fill(const Box& box, uint32_t flags) {
    Box cut = document::intersection(box, visible_);
    if (!cut.empty()) out.fills.push_back({cut, rgb_, flags});
  }
  PathShapes out;

 private:
  Box visible_;
  uint32_t rgb_;
  size_t max_shapes_;
};

}  // namespace

PathShapes filled_shapes(const GfxPath& path, const Transform& to_page, const Box& visible,
                         uint32_t rgb, size_t max_shapes) {
  Collector collect(visible, rgb, max_shapes);
  Box drawing;  // everything that is not a box is one drawing
  bool has_drawing = false;
  int boxes = 0;
  for (int i = 0; i < path.getNumSubpaths() && !collect.full(); ++i) {
    const GfxSubpath& subpath = *path.getSubpath(i);
    Box hull = hull_of(subpath, to_page);
    if (is_box_shape(subpath, to_page)) {
      ++boxes;
      Box ink = thickened(hull, 0);
      if (is_rule(ink))
        collect.rule(ink);
      else
        collect.fill(ink, document::kFillFilled);
    } else {
      drawing = has_drawing ? document::united(thickened(hull, 0), drawing) : thickened(hull, 0);
      has_drawing = true;
    }
  }
  if (has_drawing) collect.fill(drawing, document::kFillFilled | document::kFillCurved);
  collect.out.single_box = boxes == 1 && !has_drawing && collect.out.fills.size() == 1;
  return std::move(collect.out);
}

PathShapes stroked_shapes(const GfxPath& path, const Transform& to_page, double line_width_pt,
                          const Box& visible, uint32_t rgb, size_t max_shapes) {
  Collector collect(visible, rgb, max_shapes);
  double width =
      std::isfinite(line_width_pt) ? std::clamp(line_width_pt, kThinnestRule, 1e5) : kThinnestRule;
  Box drawing;
  bool has_drawing = false;
  for (int i = 0; i < path.getNumSubpaths() && !collect.full(); ++i) {
    const GfxSubpath& subpath = *path.getSubpath(i);
    bool straight = !has_curve(subpath);
    for (int k = 0; straight && k + 1 < subpath.getNumPoints(); ++k) {
      double dx = to_page.x(subpath.getX(k + 1), subpath.getY(k + 1)) -
                  to_page.x(subpath.getX(k), subpath.getY(k));
      double dy = to_page.y(subpath.getX(k + 1), subpath.getY(k + 1)) -
                  to_page.y(subpath.getX(k), subpath.getY(k));
      straight = std::abs(dx) <= kStraight || std::abs(dy) <= kStraight;
    }
    // A zigzag of many short steps is a plotted curve, not a frame.
    if (straight && subpath.getNumPoints() <= 64) {
      for (int k = 0; k + 1 < subpath.getNumPoints() && !collect.full(); ++k) {
        double ax = to_page.x(subpath.getX(k), subpath.getY(k));
        double ay = to_page.y(subpath.getX(k), subpath.getY(k));
        double bx = to_page.x(subpath.getX(k + 1), subpath.getY(k + 1));
        double by = to_page.y(subpath.getX(k + 1), subpath.getY(k + 1));
        bool horizontal = std::abs(bx - ax) >= std::abs(by - ay);
        double half = width / 2;
        // Butt ends: the ink is as long as the line.
        Box ink{static_cast<float>(std::min(ax, bx) - (horizontal ? 0 : half)),
                static_cast<float>(std::min(ay, by) - (horizontal ? half : 0)),
                static_cast<float>(std::max(ax, bx) + (horizontal ? 0 : half)),
                static_cast<float>(std::max(ay, by) + (horizontal ? half : 0))};
        ink = thickened(ink, 0);
        if (is_rule(ink))
          collect.rule(ink);
        else
          collect.fill(ink, document::kFillFilled);
      }
    } else {
      Box hull = thickened(hull_of(subpath, to_page), width);
      drawing = has_drawing ? document::united(hull, drawing) : hull;
      has_drawing = true;
    }
  }
  if (has_drawing) collect.fill(drawing, document::kFillStroked | document::kFillCurved);
  return std::move(collect.out);
}

bool is_box(const GfxPath& path, const Transform& to_page) {
  return path.getNumSubpaths() == 1 && is_box_shape(*path.getSubpath(0), to_page);
}

}  // namespace pdf2md::reader
