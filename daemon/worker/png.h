// PNG encoding of assets.
#pragma once

#include <string>

#include "models/image.h"
#include "proto/result.h"

namespace pdf2md::worker {

// Grey or RGB. Errors: kOutOfMemory, kInternal (with libpng's words).
Result<std::string> encode_png(const models::ImageView& image);
// As grey where all of it is grey.
Result<std::string> encode_png_without_needless_colour(const models::ImageView& image);

}  // namespace pdf2md::worker
