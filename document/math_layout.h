// A formula from its glyphs and where they stand: fractions, roots, scripts, limits, matrices,
// accents. Coordinates are those of a frame (frame.h): u to the right, v down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/geometry.h"
#include "document/math_symbols.h"

namespace pdf2md::document {

// A glyph, or what several were put together to.
struct MathToken {
  Box box;         // of the ink, as far as it is known; with its scripts
  float base = 0;  // v of the baseline that it belongs to
  float axis = 0;  // v of the middle of signs and fractions, a quarter of the size above the base
  float size = 0;  // of the font
  std::string latex;
  std::string sub, sup;
  MathKind kind = MathKind::kOther;
  char32_t character = 0;        // of a single glyph
  bool seed = false;             // from a font for mathematics
  bool built = false;            // a fraction, a root, a matrix
  bool tall = false;             // a delimiter or operator larger than the font's size
  bool certain = true;           // false: something in it could not be made out
  std::vector<uint32_t> glyphs;  // numbers of the glyphs that it is made of
};
using MathTokens = std::vector<MathToken>;

// Makes `token` a part of `into`: its glyphs, its box, and what is uncertain about it.
void absorb(MathToken& into, const MathToken& token);

// The steps, each over all tokens of a page (or of a part of a formula), in this order.
// Delimiters made of pieces, dots below each other, accents over letters.
void build_marks(MathTokens& tokens);
// Fractions, roots and overlines around horizontal bars, the inner ones first.
void build_at_bars(MathTokens& tokens, std::vector<Box> bars);
// Limits above and below large operators.
void build_limits(MathTokens& tokens);
// Rows and columns between tall delimiters.
void build_matrices(MathTokens& tokens);
// Scripts become part of what they stand beside.
void attach_scripts(MathTokens& tokens);

// What stands on one baseline, from left to right. In a script signs have no space around them.
std::string row_latex(MathTokens tokens, bool script);

// The last three steps and the row. `certain` becomes false where tokens do not share a baseline.
std::string composed(MathTokens tokens, bool script, bool& certain);

}  // namespace pdf2md::document
