// Names of glyphs that only TeX's fonts for mathematics have, and their characters. Poppler does not
// know them: without a ToUnicode map it takes the code for the character.
#pragma once

#include <cstdint>
#include <string_view>

namespace pdf2md::reader {

// 0: not one of them.
char32_t character_of_glyph(std::string_view name);

}  // namespace pdf2md::reader
