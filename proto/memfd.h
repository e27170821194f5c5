// What is too large for a message travels beside it, in a sealed memfd: pixels, page content.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/fd.h"

namespace pdf2md::proto {

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

// Bytes of a memfd that carries all these seals. Errors: kBadMessage, where it does not; kIo.
Result<size_t> sealed_size(int fd);

// A file mapped for reading, for as long as this lives. Empty files are not mapped.
class Mapping {
 public:
  Mapping(int fd, size_t bytes);
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();
  bool ok() const { return data_ != nullptr; }
  std::string_view view() const { return {static_cast<const char*>(data_), bytes_}; }
  // Leaves it mapped: the caller unmaps.
  void* release() { return std::exchange(data_, nullptr); }

 private:
  void* data_ = nullptr;
  size_t bytes_;
};

}  // namespace pdf2md::proto
