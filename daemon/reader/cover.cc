#include "daemon/reader/cover.h"

#include <algorithm>

namespace pdf2md::reader {

CoverMap::CoverMap(double width_pt, double height_pt)
    : cell_width_(std::max(width_pt, 1.0) / kCells),
      cell_height_(std::max(height_pt, 1.0) / kCells),
      cells_(size_t{kCells} * kCells) {}

int CoverMap::column(float x) const {
  return static_cast<int>(std::clamp(x / cell_width_, 0.0, kCells - 1.0));
}

int CoverMap::row(float y) const {
  return static_cast<int>(std::clamp(y / cell_height_, 0.0, kCells - 1.0));
}

void CoverMap::add(const document::Box& box, size_t glyphs_so_far) {
  if (glyphs_so_far == 0 || box.empty()) return;
  any_ = true;
  uint32_t before = static_cast<uint32_t>(glyphs_so_far);
  for (int r = row(box.y0); r <= row(box.y1); ++r) {
    for (int c = column(box.x0); c <= column(box.x1); ++c) {
      Cell& cell = cells_[r * kCells + c];
      if (box.x0 <= c * cell_width_ && box.x1 >= (c + 1) * cell_width_ &&
          box.y0 <= r * cell_height_ && box.y1 >= (r + 1) * cell_height_) {
        cell.all_before =
            before;  // later covers hide more, so this one makes the earlier ones idle
        cell.covers.clear();
      } else if (cell.covers.size() < kPerCell) {
        cell.covers.push_back({box, before});
      }
    }
  }
}

void CoverMap::mark(std::vector<document::Glyph>& glyphs) const {
  if (!any_) return;
  for (size_t i = 0; i < glyphs.size(); ++i) {
    document::Glyph& glyph = glyphs[i];
    if ((glyph.flags & document::kGlyphOffPage) != 0) continue;
    float x = glyph.box.center_x();
    float y = glyph.box.center_y();
    const Cell& cell = cells_[row(y) * kCells + column(x)];
    bool covered = i < cell.all_before;
    for (size_t k = 0; k < cell.covers.size() && !covered; ++k) {
      covered = i < cell.covers[k].before && cell.covers[k].box.contains(x, y);
    }
    if (covered) glyph.flags |= document::kGlyphCovered;
  }
}

}  // namespace pdf2md::reader
