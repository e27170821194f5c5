// What an image is made of before it has colours: rows of samples, packed as PDF 1.7, 8.9.3 defines
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace pdf2md::reader {

// Up to `most` bytes of something compressed; fewer only at its end.
using ByteSource = std::function<size_t(uint8_t* bytes, size_t most)>;

class Samples {
 public:
  virtual ~Samples() = default;
  // The next row, whose size the maker was told. False: there is none, or it is damaged.
  virtual bool read(uint8_t* row) = 0;
};

}  // namespace pdf2md::reader
