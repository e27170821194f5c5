// A value that several threads raise.
#pragma once

#include <atomic>
#include <cstdint>

namespace pdf2md::worker {

// The greatest of the values that several threads saw.
class Peak {
 public:
  void raise(uint64_t value) {
    uint64_t before = peak_;
    while (value > before && !peak_.compare_exchange_weak(before, value)) {
    }
  }
  uint64_t value() const { return peak_; }

 private:
  std::atomic<uint64_t> peak_ = 0;
};

}  // namespace pdf2md::worker
