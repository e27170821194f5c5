// Draws a page that consists of images (image_page.h) without the rasteriser.
#pragma once

#include <vector>

#include "daemon/reader/image_page.h"

namespace pdf2md::reader {

// Pixels that someone else owns.
struct Canvas {
  uint8_t* pixels = nullptr;
  int width = 0, height = 0;
  int channels = 1;  // 1 or 3
  uint8_t* at(int x, int y) const {
    return pixels + (static_cast<ptrdiff_t>(y) * width + x) * channels;
  }
};

// Everything of the canvas is written, also where no image lies: paper is white. False where it
// has to be left to the rasteriser after all; the canvas is then half done. Errors: kPageTimedOut.
Result<bool> paint_images(PdfDocument& document, uint32_t page,
                          const std::vector<PageImage>& images, const Canvas& canvas,
                          const Deadline& deadline);

}  // namespace pdf2md::reader
