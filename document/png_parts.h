// What a PNG file says about itself, and its compressed rows as they are: PDF takes them unchanged
// (ISO 32000-1, 7.4.4.4: Flate with PNG's predictors), so that no picture is coded twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace pdf2md::document {

struct PngParts {
  uint32_t width_px = 0, height_px = 0;
  uint32_t channels = 1;  // 1: grey, 3: RGB; 8 bits each
  std::string rows;       // zlib stream
};

// Grey and RGB of 8 bits, not interlaced, as our pictures are. Errors: kInternal.
Result<PngParts> png_parts(std::string_view png);

}  // namespace pdf2md::document
