// Which pixels of a page a RENDER asks for.
#pragma once

#include "proto/reader_messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::reader {

// A part of the page in pixels, at some resolution.
struct PixelArea {
  double dpi = 72;
  int left = 0, top = 0;
  int width = 0, height = 0;
};

// The pixels of a whole page side at a resolution. A hundredth of a pixel is rounding, not content.
int pixels_of_side(double side_pt, double dpi);

// For a page of this size as shown. Errors: kBadMessage, kPageTooLarge.
Result<PixelArea> area_of(double width_pt, double height_pt, const proto::DocumentLimits& limits,
                          const proto::Render& request);

// What a raster of that area is announced with; rows without gaps.
proto::Raster header_of(const proto::Render& request, const PixelArea& area);

}  // namespace pdf2md::reader
