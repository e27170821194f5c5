// Which glyphs are hidden by something opaque that was drawn after them.
#pragma once

#include <cstdint>
#include <vector>

#include "document/page_content.h"

namespace pdf2md::reader {

// Glyphs are tested by the middle of their box. The work is bounded: at most kPerCell covers are
// remembered for a cell of the page beyond the one that covers all of it, so a page of a million
// boxes misses some.
class CoverMap {
 public:
  CoverMap(double width_pt, double height_pt);

  // box hides whatever lies below it of the glyphs drawn so far.
  void add(const document::Box& box, size_t glyphs_so_far);
  // Sets kGlyphCovered.
  void mark(std::vector<document::Glyph>& glyphs) const;

 private:
  static constexpr int kCells = 48;  // a side
  static constexpr size_t kPerCell = 64;
  struct Cover {
    document::Box box;
    uint32_t before;  // hides glyphs with a smaller index
  };
  struct Cell {
    uint32_t all_before = 0;
    std::vector<Cover> covers;
  };
  int column(float x) const;
  int row(float y) const;

  double cell_width_;
  double cell_height_;
  bool any_ = false;
  std::vector<Cell> cells_;
};

}  // namespace pdf2md::reader
