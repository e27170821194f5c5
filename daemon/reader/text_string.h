// Strings of a PDF as UTF-8. Whatever comes in, valid UTF-8 without NUL comes out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

class GooString;

namespace pdf2md::reader {

// False for surrogates and what lies beyond U+10FFFF; then nothing is appended.
bool append_utf8(std::string& out, uint32_t code_point);

// A "text string" of the PDF specification: PDFDocEncoding, UTF-16 or UTF-8 with a byte order mark.
std::string utf8_from_pdf_string(const std::string& text);
std::string utf8_from_pdf_string(const GooString* text);  // nullptr: ""

std::string utf8_from_code_points(const uint32_t* code_points, int count);

// Bytes of unknown encoding, such as names and URIs: kept where they are valid UTF-8, else U+FFFD
// each.
std::string valid_utf8(std::string_view bytes);

// At most `bytes` long, cut between characters.
std::string shortened(std::string text, size_t bytes);

}  // namespace pdf2md::reader
