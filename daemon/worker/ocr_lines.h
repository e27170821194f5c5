// What detection and recognition found, box by box → lines of a page, in points: a page that was
// laid on the scanner askew is straightened, and sizes and baselines are measured.
#pragma once

#include <vector>

#include "document/page_record.h"
#include "models/image.h"
#include "models/model_set.h"

namespace pdf2md::worker {

// One box of text, as it was cut out and read.
struct ReadBox {
  models::Quad quad;  // pixels of the upright raster
  models::RecognisedText read;
  int rotation = 0;                // degrees clockwise: 0, 90 (reads downwards), 270
  std::vector<float> ink_heights;  // small_capitals.h; pixels, one per character; empty: not known
  float stroke_px = 0;             // stroke_width.h; 0: not known
};

// By how much the lines of the page slope, in radians, positive where they fall to the right; 0
// where they are level, where they do not agree, or where there are too few.
float skew_of(const std::vector<ReadBox>& boxes);

// The quad around the whole of a page that is `skew` askew: what lies in it is level.
models::Quad straight_page(int width_px, int height_px, float skew);

// One line a box, in the page space of the straightened page.
std::vector<document::Line> lines_of(const std::vector<ReadBox>& boxes, float skew, int width_px,
                                     int height_px, double pixels_per_pt);

}  // namespace pdf2md::worker
