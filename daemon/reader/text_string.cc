#include "daemon/reader/text_string.h"

#include <UTF.h>
#include <goo/GooString.h>
#include <goo/gmem.h>

namespace pdf2md::reader {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// Length of the valid UTF-8 sequence at the start, 0 if there is none. Shortest form only.
size_t sequence_length(std::string_view bytes) {
  unsigned char first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return 1;
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
  uint32_t code_point = first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    unsigned char next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (next & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[length] || code_point > 0x10FFFF) return 0;
  if (code_point >= 0xD800 && code_point < 0xE000) return 0;
  return length;
}

}  // namespace

bool append_utf8(std::string& out, uint32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
  return true;
}

std::string utf8_from_code_points(const uint32_t* code_points, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    if (code_points[i] == 0) continue;
    if (!append_utf8(out, code_points[i])) append_utf8(out, kReplacement);
  }
  return out;
}

std::string utf8_from_pdf_string(const std::string& text) {
  // PDF 2.0 allows UTF-8 behind its byte order mark.
  if (text.starts_with("\xEF\xBB\xBF")) return valid_utf8(std::string_view(text).substr(3));
  Unicode* code_points = nullptr;
  int count = TextStringToUCS4(text, &code_points);
  std::string out = utf8_from_code_points(code_points, count);
  gfree(code_points);
  return out;
}

std::string utf8_from_pdf_string(const GooString* text) {
  return text == nullptr ? std::string() : utf8_from_pdf_string(text->toStr());
}

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    size_t length = sequence_length(bytes);
    if (bytes[0] == '\0') {
      length = 1;
    } else if (length == 0) {
      append_utf8(out, kReplacement);
      length = 1;
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  return out;
}

std::string shortened(std::string text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

}  // namespace pdf2md::reader
