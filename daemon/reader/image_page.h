// Pages that show images and nothing else, as scans do: what has to be drawn of them is known
// without a rasteriser.
#pragma once

#include <GfxState.h>
#include <Object.h>

#include <memory>
#include <optional>
#include <vector>

#include "daemon/reader/deadline.h"
#include "daemon/reader/path_shapes.h"
#include "daemon/reader/pdf_document.h"
#include "daemon/reader/raster_area.h"
#include "daemon/reader/resample.h"

namespace pdf2md::reader {

struct PageImage {
  Ref stream;
  int width_px = 0;
  int height_px = 0;
  std::unique_ptr<GfxImageColorMap> colors;  // null: a stencil, painted in ink
  bool inverted = false;                     // of a stencil: ones are painted instead of zeros
  uint8_t ink_grey = 0;
  uint8_t ink_rgb[3] = {};
  Transform to_area{};  // from the unit square, whose y = 0 is the first row, to the area's pixels
  Span clip_x, clip_y;  // in the area
};

// The images in drawing order, each of them opaque, at right angles and cut by boxes only. Nothing
// where the page may show anything else, or its images in another way: then only the rasteriser
// knows what it looks like. Marks that are not seen, such as invisible text, do not count.
// Errors: kPageTimedOut.
Result<std::optional<std::vector<PageImage>>> images_of_page(PdfDocument& document, uint32_t page,
                                                             const PixelArea& area,
                                                             const Deadline& deadline);

}  // namespace pdf2md::reader
