// Page space: PDF points (1/72 inch), origin at the top-left corner of the page as shown (crop box
// and page rotation applied), x to the right, y down. Every box outside pdf2md-reader is in page
// space, except pixels, which say so.
#pragma once

#include <algorithm>

namespace pdf2md::document {

struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // x0 ≤ x1, y0 ≤ y1

  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  float area() const { return width() * height(); }
  float center_x() const { return (x0 + x1) / 2; }
  float center_y() const { return (y0 + y1) / 2; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  bool contains(float x, float y) const { return x >= x0 && x <= x1 && y >= y0 && y <= y1; }

  template <class A>
  void fields(A& a) {
    a("x0", x0);
    a("y0", y0);
    a("x1", x1);
    a("y1", y1);
  }
};

inline Box intersection(const Box& a, const Box& b) {
  Box both{std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
  return both.empty() ? Box{} : both;
}

// The smallest box around both; an empty box adds nothing.
inline Box united(const Box& a, const Box& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

// Length shared by two intervals; 0 where they do not meet.
inline float overlap(float a0, float a1, float b0, float b1) {
  return std::max(0.0f, std::min(a1, b1) - std::max(a0, b0));
}

}  // namespace pdf2md::document
