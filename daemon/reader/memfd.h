// Results that are too large for a message travel as sealed memfds.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/fd.h"

namespace pdf2md::reader {

// A memfd with F_SEAL_SHRINK | GROW | WRITE | SEAL that holds `bytes`. Errors: kIo.
Result<Fd> sealed_memfd(std::string_view bytes);

}  // namespace pdf2md::reader
