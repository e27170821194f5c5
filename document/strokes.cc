#include "document/strokes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pdf2md::document {
namespace {

constexpr float kTouch = 2.5f;         // points: lines this near meet
constexpr size_t kMostStrokes = 6000;  // more is a drawing

void extend(Stroke& stroke, const Stroke& by) {
  stroke.to = std::max(stroke.to, by.to);
  stroke.drawn = stroke.drawn || by.drawn;
}

}  // namespace

std::vector<Stroke> joined(std::vector<Stroke> strokes) {
  std::sort(strokes.begin(), strokes.end(),
            [](const Stroke& a, const Stroke& b) { return a.at < b.at; });
  std::vector<Stroke> out;
  for (size_t i = 0; i < strokes.size();) {
    size_t end = i;
    while (end < strokes.size() && strokes[end].at - strokes[i].at < 1.6f) ++end;
    std::sort(strokes.begin() + static_cast<ptrdiff_t>(i),
              strokes.begin() + static_cast<ptrdiff_t>(end),
              [](const Stroke& a, const Stroke& b) { return a.from < b.from; });
    size_t open = out.size();
    for (size_t k = i; k < end; ++k) {
      if (out.size() > open && strokes[k].from <= out.back().to + kTouch)
        extend(out.back(), strokes[k]);
      else
        out.push_back(strokes[k]);
    }
    i = end;
  }
  std::sort(out.begin(), out.end(), [](const Stroke& a, const Stroke& b) { return a.at < b.at; });
  return out;
}

namespace {

bool is_cell_like(const Fill& fill) {
  if ((fill.flags & kFillCurved) || fill.box.width() < 8 || fill.box.height() < 6) return false;
  const bool white = (fill.rgb & 0xF8F8F8) == 0xF8F8F8;
  return !white || (fill.flags & kFillStroked);
}

void collect(const Sheet& sheet, std::vector<Stroke>& across, std::vector<Stroke>& down) {
  for (const Box& box : sheet.across)
    if (box.width() > 4) across.push_back({box.center_y(), box.x0, box.x1, true});
  for (const Box& box : sheet.down)
    if (box.height() > 4) down.push_back({box.center_x(), box.y0, box.y1, true});
  const float page = sheet.width * sheet.height;
  for (const Fill& fill : sheet.fills) {
    const Box& box = fill.box;
    if (!is_cell_like(fill) || box.area() > 0.6f * page) continue;
    const bool drawn = (fill.flags & kFillStroked) != 0;
    across.push_back({box.y0, box.x0, box.x1, drawn});
    across.push_back({box.y1, box.x0, box.x1, drawn});
    down.push_back({box.x0, box.y0, box.y1, drawn});
    down.push_back({box.x1, box.y0, box.y1, drawn});
  }
}

std::vector<StrokeGrid> connected(const std::vector<Stroke>& across,
                                  const std::vector<Stroke>& down) {
  std::vector<uint32_t> parent(across.size() + down.size());
  std::iota(parent.begin(), parent.end(), 0u);
  const auto find = [&](uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (uint32_t d = 0; d < down.size(); ++d) {
    // `across` is sorted by `at`.
    auto a = std::lower_bound(across.begin(), across.end(), down[d].from - kTouch,
                              [](const Stroke& s, float at) { return s.at < at; });
    for (; a != across.end() && a->at <= down[d].to + kTouch; ++a)
      if (a->from - kTouch <= down[d].at && down[d].at <= a->to + kTouch)
        parent[find(static_cast<uint32_t>(across.size()) + d)] =
            find(static_cast<uint32_t>(a - across.begin()));
  }
  std::vector<StrokeGrid> grids;
  std::vector<int> number(parent.size(), -1);
  for (uint32_t i = 0; i < parent.size(); ++i) {
    int& of_root = number[find(i)];
    if (of_root < 0) {
      of_root = static_cast<int>(grids.size());
      grids.emplace_back();
    }
    StrokeGrid& grid = grids[static_cast<size_t>(of_root)];
    if (i < across.size())
      grid.across.push_back(across[i]);
    else
      grid.down.push_back(down[i - across.size()]);
  }
  return grids;
}

// Shades cells here and there: every second row, a header, the cells of a heat map. Its edges are
// the borders of some cells, and none of others.
bool only_shades(const Sheet& sheet, const StrokeGrid& grid) {
  if (std::any_of(grid.down.begin(), grid.down.end(), [](const Stroke& s) { return s.drawn; }))
    return false;
  constexpr size_t kSide = 64;  // sampled in so many places each way
  Box hull;
  for (const Stroke& s : grid.across) hull = united(hull, {s.from, s.at - 0.1f, s.to, s.at + 0.1f});
  for (const Stroke& s : grid.down) hull = united(hull, {s.at - 0.1f, s.from, s.at + 0.1f, s.to});
  std::vector<bool> covered(kSide * kSide, false);
  const auto place = [](float at, float from, float length) {
    const float share = std::clamp((at - from) / length, 0.0f, 1.0f);
    return static_cast<size_t>(std::lround(share * static_cast<float>(kSide)));
  };
  for (const Fill& fill : sheet.fills) {
    const Box box = intersection(fill.box, hull);
    if (!is_cell_like(fill) || box.empty()) continue;
    for (size_t y = place(box.y0, hull.y0, hull.height());
         y < place(box.y1, hull.y0, hull.height()); ++y)
      for (size_t x = place(box.x0, hull.x0, hull.width());
           x < place(box.x1, hull.x0, hull.width()); ++x)
        covered[y * kSide + x] = true;
  }
  const auto count = static_cast<size_t>(std::count(covered.begin(), covered.end(), true));
  return count * 100 < covered.size() * 85;
}

}  // namespace

std::vector<StrokeGrid> stroke_grids(const Sheet& sheet) {
  std::vector<Stroke> across, down;
  collect(sheet, across, down);
  across = joined(std::move(across));
  down = joined(std::move(down));
  if (across.size() + down.size() > kMostStrokes) return {};
  std::vector<StrokeGrid> grids = connected(across, down);
  std::erase_if(grids, [&](const StrokeGrid& grid) { return only_shades(sheet, grid); });
  return grids;
}

}  // namespace pdf2md::document
