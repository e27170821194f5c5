// What page analysis needs to know about characters: coarse scripts, direction, combining marks.
// Ranges are those of Unicode blocks, which is exact enough for evidence and ordering.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pdf2md::document {

// Ill-formed bytes become U+FFFD.
std::u32string code_points(std::string_view utf8);
void append_code_point(std::string& utf8, char32_t c);

enum class Script : uint8_t {
  kCommon,  // digits, punctuation, symbols, spaces
  kLatin,
  kGreek,
  kCyrillic,
  kArmenian,
  kHebrew,
  kArabic,
  kIndic,
  kThai,
  kGeorgian,
  kEthiopic,
  kHangul,
  kKana,
  kHan,
  kOther,
  kPrivate,  // private use areas
  kControl,  // C0 and C1 controls, surrogates, non-characters
  kUnknown,  // U+FFFD
};
Script script_of(char32_t c);

bool is_letter(char32_t c);  // a letter, ideograph or syllable of any script
bool is_digit(char32_t c);   // 0–9, Arabic-Indic, Devanagari and full-width digits
bool is_space(char32_t c);   // no ink: space, no-break space, U+2000–200A, ideographic space, tab
// Written without spaces between words: Han, Kana, their punctuation and full-width forms.
bool is_cjk(char32_t c);
bool is_right_to_left(char32_t c);  // a strong right-to-left letter
bool is_combining(char32_t c);      // a mark that sits on the letter before it
bool is_upper(char32_t c);          // Latin, Greek and Cyrillic capitals
bool is_lower(char32_t c);
bool is_dash(char32_t c);
char32_t mirrored(char32_t c);  // the bracket as drawn right to left; others unchanged

// The letters that a presentation form or ligature stands for; empty: not one.
std::u16string_view base_letters(char32_t c);

// A base letter and a spacing or combining accent drawn over it, as one character; 0: no such one.
char32_t composed(char32_t letter, char32_t accent);

// How many of a text's characters are of each kind: one pass, for evidence.
struct CharacterCounts {
  uint32_t all = 0;  // without spaces
  uint32_t letters = 0, digits = 0, cjk = 0, right_to_left = 0, upper = 0, lower = 0;
};
CharacterCounts count_characters(std::string_view utf8);

std::string_view trimmed(std::string_view utf8);  // of ASCII and ideographic white space

}  // namespace pdf2md::document
