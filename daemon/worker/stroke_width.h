// How heavy the letters of a line are: what tells bold type on a scan.
#pragma once

#include "models/image.h"

namespace pdf2md::worker {

// The mean width of the strokes that rows of pixels cross, in pixels, by their darkness and hence
// finer than a pixel; 0: no ink.
float stroke_width(const models::ImageView& line);

}  // namespace pdf2md::worker
