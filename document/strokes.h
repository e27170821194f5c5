// Internal to analyse_page: the lines that are drawn on a page, as far as tables can be made of
// them.
#pragma once

#include <vector>

#include "document/sheet.h"

namespace pdf2md::document {

struct Stroke {
  float at = 0;  // v of a horizontal one, u of a vertical one
  float from = 0, to = 0;
  bool drawn = false;  // not merely the edge of a shade
};

// Strokes that touch each other, directly or through others.
struct StrokeGrid {
  std::vector<Stroke> across, down;
};

// Strokes of one direction that lie on one line and touch are one; in the order of `at`.
std::vector<Stroke> joined(std::vector<Stroke> strokes);

// From rules and the borders of filled boxes; those on one line that touch are joined. None for a
// page with so many that it is a drawing.
std::vector<StrokeGrid> stroke_grids(const Sheet& sheet);

}  // namespace pdf2md::document
