// What stands in the brackets of links and pictures.
#include "document/inline_text.h"
#include "document/markdown_inline.h"

namespace pdf2md::document {

std::string alt_text(const Runs& runs) {
  std::string out;
  for (char c : plain_text(runs)) {
    if (c == '[' || c == ']' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string link_target(std::string_view uri) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  int depth = 0;
  bool balanced = true;
  for (char c : uri) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) balanced = false;
  }
  balanced = balanced && depth == 0;
  std::string out;
  for (char c : uri) {
    const unsigned char byte = static_cast<unsigned char>(c);
    const bool bad = byte <= 0x20 || byte == 0x7F || c == '<' || c == '>' || c == '\\' ||
                     (!balanced && (c == '(' || c == ')'));
    if (bad) {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace pdf2md::document
