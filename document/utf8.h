// Is it UTF-8 (RFC 3629)?
#pragma once

#include <string_view>

namespace pdf2md::document {

inline bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

bool valid_utf8(std::string_view text);

}  // namespace pdf2md::document
