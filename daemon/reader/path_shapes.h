// Paths as they matter for text: rules and filled boxes; everything else is "a drawing".
#pragma once

#include <cstdint>
#include <vector>

#include "document/page_content.h"

class GfxPath;

namespace pdf2md::reader {

struct Transform {
  double m[6];
  double x(double px, double py) const { return m[0] * px + m[2] * py + m[4]; }
  double y(double px, double py) const { return m[1] * px + m[3] * py + m[5]; }
};

struct PathShapes {
  std::vector<document::Rule> rules;
  std::vector<document::Fill> fills;
  bool single_box = false;  // exactly one filled, axis-aligned box
};

// What filling the path draws. visible: clip and page; shapes are cut to it, and dropped where
// nothing remains.
PathShapes filled_shapes(const GfxPath& path, const Transform& to_page,
                         const document::Box& visible, uint32_t rgb, size_t max_shapes);

// What stroking it draws. line_width_pt: in page space.
PathShapes stroked_shapes(const GfxPath& path, const Transform& to_page, double line_width_pt,
                          const document::Box& visible, uint32_t rgb, size_t max_shapes);

// True where clipping to the path clips to a single axis-aligned box.
bool is_box(const GfxPath& path, const Transform& to_page);

}  // namespace pdf2md::reader
