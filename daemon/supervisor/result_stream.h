// An output on its way to a client, a piece at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/fd.h"

namespace pdf2md::supervisor {

class ResultStream {
 public:
  static Result<ResultStream> open(const std::string& path);
  uint64_t size() const { return size_; }
  bool finished() const { return sent_ == size_; }
  // The next piece. Errors: kIo, also where the file has become shorter.
  Result<std::string> next(size_t max_bytes);

 private:
  ResultStream(Fd file, uint64_t size) : file_(std::move(file)), size_(size) {}
  Fd file_;
  uint64_t size_;
  uint64_t sent_ = 0;
};

}  // namespace pdf2md::supervisor
