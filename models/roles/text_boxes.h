// From a text probability map to boxes: the post-processing of DB (M. Liao et al., "Real-time Scene
// Text Detection with Differentiable Binarization", AAAI 2020). No vendor headers.
#pragma once

#include <vector>

#include "models/model_set.h"

namespace pdf2md::models {

struct TextBoxSettings {
  float threshold = 0.3f;      // of a pixel
  float box_threshold = 0.6f;  // of the mean inside a box
  float unclip_ratio =
      1.5f;            // the network draws text shrunken; boxes grow by area × ratio / perimeter
  float min_side = 3;  // of a box before it grows, in pixels of the map
};

struct PointF {
  float x = 0, y = 0;
};

// A rectangle at any angle.
struct RotatedRect {
  PointF centre;
  PointF along;       // unit vector of the first side
  float length = 0;   // of the side along `along`
  float breadth = 0;  // of the other
};

// The smallest rectangle around the points (rotating calipers over their convex hull).
RotatedRect min_area_rect(std::vector<PointF> points);

// Corners clockwise (y down) from the top-left one.
Quad corners(const RotatedRect& rect);

// Boxes in pixels of the map, from top to bottom, then from left to right.
std::vector<TextBox> text_boxes(const float* map, int width, int height,
                                const TextBoxSettings& settings);

}  // namespace pdf2md::models
