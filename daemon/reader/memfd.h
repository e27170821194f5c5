// Results that are too large for a message travel as sealed memfds.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/fd.h"

namespace pdf2md::reader {

// A memfd with F_SEAL_SHRINK | GROW | WRITE | SEAL that holds `bytes`. Errors: kIo.
Result<Fd> sealed_memfd(std::string_view bytes);

// A memfd that is written in place.
class MappedMemfd {
 public:
  // Holds zeros. Errors: kIo, kOutOfMemory.
  static Result<MappedMemfd> create(size_t bytes);
  MappedMemfd(MappedMemfd&& other) noexcept;
  MappedMemfd& operator=(MappedMemfd&&) = delete;
  ~MappedMemfd();

  uint8_t* data() { return data_; }
  // With the seals above; data() is gone then. Errors: kIo.
  Result<Fd> seal();

 private:
  MappedMemfd(Fd fd, uint8_t* data, size_t bytes)
      : fd_(std::move(fd)), data_(data), bytes_(bytes) {}
  void unmap();

  Fd fd_;
  uint8_t* data_;
  size_t bytes_;
};

}  // namespace pdf2md::reader
