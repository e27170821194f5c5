#pragma once

#include <cstdint>

namespace pdf2md::worker {

// Bytes of this process that are in memory (RSS); 0 where /proc does not tell.
uint64_t resident_bytes();

}  // namespace pdf2md::worker
