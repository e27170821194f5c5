// Deflated samples by zlib, with the predictors of PDF 1.7, 7.4.4.4: several times as fast as
// poppler's decoder, which is left what is damaged.
#pragma once

#include <memory>

#include "daemon/reader/samples.h"

namespace pdf2md::reader {

enum class Predictor {
  kNone,
  kTiff,  // of samples of 8 bits only
  kPng,
};

// row_bytes: of a row of samples. pixel_bytes: of a pixel; 1 where several share a byte. Null where
// zlib cannot be set up.
std::unique_ptr<Samples> open_flate(ByteSource source, size_t row_bytes, size_t pixel_bytes,
                                    Predictor predictor);

}  // namespace pdf2md::reader
