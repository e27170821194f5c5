// What a glyph means in a formula, and how LaTeX writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pdf2md::document {

// Fonts that are made for mathematics, by what their characters are.
enum class MathFont : uint8_t {
  kNone,
  kText,        // roman, italic or bold letters, digits and signs
  kItalic,      // variables: Computer Modern Math Italic and its kin
  kSymbols,     // CMSY and its kin: capitals are calligraphic
  kExtension,   // CMEX: large operators and delimiters, hanging from their origin
  kBlackboard,  // MSBM: capitals are double-struck
  kFraktur,
  kUnicode,  // OpenType fonts for mathematics: the characters say all
};
MathFont math_font(std::string_view font_name);

enum class MathKind : uint8_t {
  kLetter,
  kDigit,
  kWord,  // "sin"
  kBinary,
  kRelation,
  kOpen,
  kClose,
  kFence,  // opens or closes: "|"
  kPunctuation,
  kOperator,  // sum, product, integral: takes limits
  kRadical,
  kAccent,
  kPiece,  // of a delimiter built from several glyphs
  kOther,
  kUnknown,  // no Unicode
};

struct MathSymbol {
  std::string latex;
  MathKind kind = MathKind::kUnknown;
};
MathSymbol math_symbol(char32_t c, MathFont font, bool bold, bool italic);

// A name that LaTeX has a command for ("\sin"), or that people write upright; empty: neither.
std::string math_word(std::string_view word);

// Of a delimiter built from pieces: the character that they make up; 0: no piece.
char32_t delimiter_of_piece(char32_t c);

// The height of an extension font's glyph from its width, both of the font size.
float extension_height(char32_t c, float width);

// The command that denies a relation ("\neq" for "="); empty: LaTeX's \not in front.
std::string negated(std::string_view latex);

}  // namespace pdf2md::document
