// Internal to lines_from_glyphs: the glyphs that make up a formula, and the formula as LaTeX.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/frame.h"
#include "document/glyph_runs.h"
#include "document/page_content.h"

namespace pdf2md::document {

struct Formula {
  std::string latex;
  Box box;                       // frame space
  float base = 0;                // v of its baseline
  float size = 0;                // of its letters
  std::vector<uint32_t> glyphs;  // into the glyphs that were asked about
};

// Formulas among the glyphs of one reading direction. Only fonts made for mathematics begin one;
// digits, signs and brackets of other fonts beside them belong to it. What is not certain is left
// alone.
std::vector<Formula> find_formulas(const PageContent& content, const Frame& frame,
                                   const std::vector<PlacedGlyph>& glyphs);

}  // namespace pdf2md::document
