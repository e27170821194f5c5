// A page's time limit, as far as poppler asks: between drawing operations. The caller's own limit,
// which kills the process, is the one that always works.
#pragma once

#include <chrono>
#include <string>

#include "proto/result.h"

namespace pdf2md::reader {

class Deadline {
 public:
  // 0: none.
  explicit Deadline(uint32_t timeout_ms)
      : timeout_ms_(timeout_ms),
        end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms)) {}

  bool passed() const { return timeout_ms_ > 0 && std::chrono::steady_clock::now() >= end_; }
  Error error(uint32_t page) const {
    return Error{ErrorCode::kPageTimedOut,
                 "page " + std::to_string(page) + ": not finished after " +
                     std::to_string(timeout_ms_) + " ms",
                 "raise limits.page_timeout"};
  }

 private:
  uint32_t timeout_ms_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace pdf2md::reader
