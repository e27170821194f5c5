// Letters of different alphabets that look the same, after OCR that may use either.
#pragma once

#include <string>
#include <string_view>

#include "document/characters.h"

namespace pdf2md::document {

// A line in Cyrillic or Greek in which another program has put Latin letters for some that look the
// same: they become the line's own in words that have own letters as well, and in short words that
// follow one, or begin the line ("на", "το"). Other scripts: unchanged.
std::string in_own_letters(Script script, std::string_view text);

}  // namespace pdf2md::document
