#include "document/utf8.h"

namespace pdf2md::document {

bool valid_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    unsigned char first = static_cast<unsigned char>(text[i]);
    size_t length = first < 0x80   ? 1
                    : first < 0xC2 ? 0
                    : first < 0xE0 ? 2
                    : first < 0xF0 ? 3
                    : first < 0xF5 ? 4
                                   : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if (!is_continuation_byte(text[i + k])) return false;
    }
    if (length > 2) {
      unsigned char second = static_cast<unsigned char>(text[i + 1]);
      // Not the shortest form, surrogates, beyond U+10FFFF.
      if (first == 0xE0 && second < 0xA0) return false;
      if (first == 0xED && second >= 0xA0) return false;
      if (first == 0xF0 && second < 0x90) return false;
      if (first == 0xF4 && second >= 0x90) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace pdf2md::document
