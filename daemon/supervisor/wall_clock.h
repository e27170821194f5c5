// Wall clock, for people and records; never for deadlines.
#pragma once

#include <time.h>

#include <cstdint>

namespace pdf2md::supervisor {

inline int64_t unix_now_ms() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace pdf2md::supervisor
