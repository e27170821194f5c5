// Text that stands on its side is analysed as if it were upright: a frame turns page space so that
// the reading direction of one rotation runs to the right (u) and lines follow each other downwards
// (v).
#pragma once

#include <cmath>

#include "document/geometry.h"

namespace pdf2md::document {

struct Frame {
  int rotation = 0;  // degrees clockwise of the text, as shown: 0, 90, 180 or 270
  float page_width = 0, page_height = 0;

  bool sideways() const { return rotation == 90 || rotation == 270; }
  float width() const { return sideways() ? page_height : page_width; }
  float height() const { return sideways() ? page_width : page_height; }

  // Page space to frame space, for a point.
  float u(float x, float y) const {
    return rotation == 90    ? y
           : rotation == 180 ? page_width - x
           : rotation == 270 ? page_height - y
                             : x;
  }
  float v(float x, float y) const {
    return rotation == 90    ? page_width - x
           : rotation == 180 ? page_height - y
           : rotation == 270 ? x
                             : y;
  }
  Box to_frame(const Box& b) const {
    const float ua = u(b.x0, b.y0), ub = u(b.x1, b.y1), va = v(b.x0, b.y0), vb = v(b.x1, b.y1);
    return {std::min(ua, ub), std::min(va, vb), std::max(ua, ub), std::max(va, vb)};
  }
  // The way back is the frame of the opposite rotation over the turned page.
  Box to_page(const Box& b) const {
    const Frame back{(360 - rotation) % 360, width(), height()};
    return back.to_frame(b);
  }
};

// The nearest multiple of 90, or -1 where an angle is more than `slack` degrees away from each.
inline int snapped_rotation(int degrees, int slack = 12) {
  const int normal = ((degrees % 360) + 360) % 360;
  const int nearest = (normal + 45) / 90 * 90 % 360;
  const int away = std::abs(((normal - nearest) % 360 + 540) % 360 - 180);
  return away <= slack ? nearest : -1;
}

}  // namespace pdf2md::document
