#include "models/roles/text_boxes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pdf2md::models {

namespace {

float cross(PointF o, PointF a, PointF b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

// Andrew's monotone chain.
std::vector<PointF> convex_hull(std::vector<PointF> points) {
  std::sort(points.begin(), points.end(),
            [](PointF a, PointF b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  if (points.size() < 3) return points;
  std::vector<PointF> hull(2 * points.size());
  size_t k = 0;
  for (const PointF& point : points) {
    while (k >= 2 && cross(hull[k - 2], hull[k - 1], point) <= 0) --k;
    hull[k++] = point;
  }
  for (size_t i = points.size() - 1, lower = k + 1; i-- > 0;) {
    while (k >= lower && cross(hull[k - 2], hull[k - 1], points[i]) <= 0) --k;
    hull[k++] = points[i];
  }
  hull.resize(k - 1);
  return hull;
}

// A stretch of text pixels in one row: columns first … last.
struct Run {
  int row, first, last;
  int parent;
};

int find_root(std::vector<Run>& runs, int i) {
  while (runs[static_cast<size_t>(i)].parent != i) {
    int& parent = runs[static_cast<size_t>(i)].parent;
    parent = runs[static_cast<size_t>(parent)].parent;
    i = parent;
  }
  return i;
}

// Runs of pixels above the threshold, joined where they touch, also by a corner.
std::vector<Run> connected_runs(const float* map, int width, int height, float threshold) {
  std::vector<Run> runs;
  size_t above = 0, above_end = 0;  // the runs of the row above
  for (int y = 0; y < height; ++y) {
    const size_t begin = runs.size();
    const float* row = map + static_cast<size_t>(y) * width;
    for (int x = 0; x < width; ++x) {
      if (!(row[x] > threshold)) continue;
      const int first = x;
      while (x + 1 < width && row[x + 1] > threshold) ++x;
      runs.push_back(Run{y, first, x, static_cast<int>(runs.size())});
    }
    size_t k = above;
    for (size_t i = begin; i < runs.size(); ++i) {
      while (k < above_end && runs[k].last + 1 < runs[i].first) ++k;
      for (size_t j = k; j < above_end && runs[j].first <= runs[i].last + 1; ++j) {
        const int a = find_root(runs, static_cast<int>(i)),
                  b = find_root(runs, static_cast<int>(j));
        runs[static_cast<size_t>(std::max(a, b))].parent = std::min(a, b);
      }
    }
    above = begin;
    above_end = runs.size();
  }
  return runs;
}

// The mean of the map inside the rectangle, its border included.
float mean_inside(const float* map, int width, int height, const RotatedRect& rect) {
  const Quad quad = corners(rect);
  const auto [low_x, high_x] = std::minmax_element(quad.x, quad.x + 4);
  const auto [low_y, high_y] = std::minmax_element(quad.y, quad.y + 4);
  const int x0 = std::max(0, static_cast<int>(std::floor(*low_x))),
            x1 = std::min(width - 1, static_cast<int>(std::ceil(*high_x)));
  const int y0 = std::max(0, static_cast<int>(std::floor(*low_y))),
            y1 = std::min(height - 1, static_cast<int>(std::ceil(*high_y)));
  const float half_length = rect.length / 2 + 0.5f, half_breadth = rect.breadth / 2 + 0.5f;
  double sum = 0;
  int64_t count = 0;
  for (int y = y0; y <= y1; ++y) {
    for (int x = x0; x <= x1; ++x) {
      const float dx = static_cast<float>(x) - rect.centre.x,
                  dy = static_cast<float>(y) - rect.centre.y;
      if (std::abs(dx * rect.along.x + dy * rect.along.y) > half_length) continue;
      if (std::abs(dy * rect.along.x - dx * rect.along.y) > half_breadth) continue;
      sum += map[static_cast<size_t>(y) * width + x];
      ++count;
    }
  }
  return count == 0 ? 0 : static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

RotatedRect min_area_rect(std::vector<PointF> points) {
  const std::vector<PointF> hull = convex_hull(std::move(points));
  RotatedRect best;
  if (hull.empty()) return best;
  best.centre = hull[0];
  best.along = {1, 0};
  float best_area = std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < hull.size(); ++i) {
    const PointF& from = hull[i];
    const PointF& to = hull[(i + 1) % hull.size()];
    const float length = std::hypot(to.x - from.x, to.y - from.y);
    if (length <= 0) continue;
    const PointF u{(to.x - from.x) / length, (to.y - from.y) / length};
    float low_u = 0, high_u = 0, low_v = 0, high_v = 0;
    for (const PointF& point : hull) {
      const float dx = point.x - from.x, dy = point.y - from.y;
      const float along = dx * u.x + dy * u.y, across = dy * u.x - dx * u.y;
      low_u = std::min(low_u, along), high_u = std::max(high_u, along);
      low_v = std::min(low_v, across), high_v = std::max(high_v, across);
    }
    const float area = (high_u - low_u) * (high_v - low_v);
    if (area >= best_area) continue;
    best_area = area;
    const float mid_u = (low_u + high_u) / 2, mid_v = (low_v + high_v) / 2;
    best.centre = {from.x + mid_u * u.x - mid_v * u.y, from.y + mid_u * u.y + mid_v * u.x};
    best.along = u;
    best.length = high_u - low_u;
    best.breadth = high_v - low_v;
  }
  return best;
}

Quad corners(const RotatedRect& rect) {
  // The side nearest to the horizontal runs from left to right.
  PointF u = rect.along;
  float length = rect.length, breadth = rect.breadth;
  if (std::abs(u.x) < std::abs(u.y)) {
    u = {-u.y, u.x};
    std::swap(length, breadth);
  }
  if (u.x < 0) u = {-u.x, -u.y};
  const PointF a{u.x * length / 2, u.y * length / 2}, b{-u.y * breadth / 2, u.x * breadth / 2};
  Quad quad;
  const float sign_a[] = {-1, 1, 1, -1}, sign_b[] = {-1, -1, 1, 1};
  for (int i = 0; i < 4; ++i) {
    quad.x[i] = rect.centre.x + sign_a[i] * a.x + sign_b[i] * b.x;
    quad.y[i] = rect.centre.y + sign_a[i] * a.y + sign_b[i] * b.y;
  }
  return quad;
}

std::vector<TextBox> text_boxes(const float* map, int width, int height,
                                const TextBoxSettings& settings) {
  std::vector<Run> runs = connected_runs(map, width, height, settings.threshold);
  std::vector<std::vector<PointF>> components(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    std::vector<PointF>& points =
        components[static_cast<size_t>(find_root(runs, static_cast<int>(i)))];
    points.push_back({static_cast<float>(runs[i].first), static_cast<float>(runs[i].row)});
    if (runs[i].last != runs[i].first) {
      points.push_back({static_cast<float>(runs[i].last), static_cast<float>(runs[i].row)});
    }
  }
  std::vector<TextBox> boxes;
  for (std::vector<PointF>& points : components) {
    if (points.size() < 3) continue;
    RotatedRect rect = min_area_rect(std::move(points));
    if (std::min(rect.length, rect.breadth) < settings.min_side) continue;
    const float score = std::round(mean_inside(map, width, height, rect) * 1000) / 1000;
    if (score < settings.box_threshold) continue;
    const float distance =
        rect.length * rect.breadth * settings.unclip_ratio / (2 * (rect.length + rect.breadth));
    rect.length += 2 * distance;
    rect.breadth += 2 * distance;
    // Pixel (x, y) of the map covers x … x+1.
    rect.centre.x += 0.5f;
    rect.centre.y += 0.5f;
    boxes.push_back(TextBox{corners(rect), score});
  }
  std::stable_sort(boxes.begin(), boxes.end(), [](const TextBox& a, const TextBox& b) {
    return a.quad.y[0] != b.quad.y[0] ? a.quad.y[0] < b.quad.y[0] : a.quad.x[0] < b.quad.x[0];
  });
  return boxes;
}

}  // namespace pdf2md::models
