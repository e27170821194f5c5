// What a line begins with: list markers, section numbers, caption labels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pdf2md::document {

enum class MarkerKind : uint8_t { kNone, kBullet, kDash, kNumber, kLetter, kRoman, kCheckbox };

struct Marker {
  MarkerKind kind = MarkerKind::kNone;
  std::string text;  // as printed: "•", "1.", "(a)"
  size_t bytes = 0;  // of the line that marker and the space after it take
  int value = 0;     // 1 for "1.", "a)" and "i."
  explicit operator bool() const { return kind != MarkerKind::kNone; }
};

// A marker is followed by a space and text, or is all that there is.
Marker list_marker(std::string_view line);

// Dotted parts of a section number at the start ("3.1 Results": 2, "IV. Method": 1); 0: none.
int section_depth(std::string_view line);

// "Figure 3:", "Tab. 2", "图 1", ...: a label with a number, in the languages that papers are
// written in.
bool is_caption(std::string_view line);
bool is_table_caption(std::string_view line);

// Dots that lead the eye from a title to its page, in a table of contents.
bool has_leader(std::string_view text);
std::string without_leaders(std::string_view text);  // "…" in their place
bool is_equation_number(std::string_view text);      // "(3)", "(2.1a)"
bool is_currency(std::string_view text);             // a sign alone
// A page number as contents have them: "12", "xiv".
bool is_page_reference(std::string_view text);

}  // namespace pdf2md::document
