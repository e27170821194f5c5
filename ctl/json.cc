#include "ctl/json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ctl/text.h"

namespace pdf2md::ctl {

std::string json_string(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    size_t size = utf8_sequence(text);
    unsigned char c = static_cast<unsigned char>(text[0]);
    if (size == 0) {
      json += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      json += '\\';
      json += static_cast<char>(c);
    } else if (c == '\n') {
      json += "\\n";
    } else if (c < 0x20 || c == 0x7F) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
      json += buffer;
    } else {
      json += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return json + '"';
}

std::string JsonWriter::decimal(double number) {
  if (!std::isfinite(number)) return "null";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.3f", number);
  std::string text = buffer;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace pdf2md::ctl
