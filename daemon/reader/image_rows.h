// The rows of a page's image in the colours of the raster, whatever it is encoded and coloured by.
#pragma once

#include <memory>

#include "daemon/reader/image_page.h"

namespace pdf2md::reader {

struct RowsWanted {
  bool grey = true;  // else R, G, B
  // Of a stencil: give how much of each pixel is painted (255: all), always one byte a pixel, not
  // its ink on white paper.
  bool coverage = false;
  // The image may come out smaller, as long as it is no smaller than this.
  int least_width = 0;
  int least_height = 0;
};

// Null where the image is of a kind that is left to the rasteriser, or damaged. deadline must live
// as long as the rows.
std::unique_ptr<PixelRows> open_rows(PdfDocument& document, const PageImage& image,
                                     const RowsWanted& wanted, const Deadline& deadline);

}  // namespace pdf2md::reader
