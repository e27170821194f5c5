#pragma once

#include <chrono>
#include <cstdint>

namespace pdf2md::worker {

// Milliseconds of the monotonic clock.
inline int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace pdf2md::worker
