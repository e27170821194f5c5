// Internal to lines_from_glyphs: glyphs of one reading direction, sorted into runs on one baseline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/frame.h"
#include "document/page_content.h"

namespace pdf2md::document {

// A glyph in frame space (frame.h). Spaces that are drawn are not among them.
struct PlacedGlyph {
  float u0 = 0, u1 = 0;
  float base = 0;             // v of the baseline
  float top = 0, bottom = 0;  // v
  float size = 0;
  uint32_t glyph = 0;         // into PageContent::glyphs
  bool space_before = false;  // a space is drawn directly before it
  bool doubled = false;       // drawn twice, a little apart: that is how some programs make bold
  bool fixed_width = false;   // its font has one advance for all characters
  int32_t formula = -1;       // the number of the formula that it stands for; −1: a glyph
};

// Neighbours on one baseline without a wide gap between them.
struct GlyphRun {
  uint32_t first = 0, last = 0;  // [first, last) of GlyphRuns::glyphs
  float u0 = 0, u1 = 0, base = 0, top = 0, bottom = 0;
  float size = 0;     // the size that most of its width has
  uint32_t row = 0;   // number of its baseline: runs of one row were parted on purpose
  uint32_t line = 0;  // number of the line that it belongs to
};

struct GlyphRuns {
  std::vector<PlacedGlyph> glyphs;
  std::vector<GlyphRun> runs;
  uint32_t lines = 0;
};

// Near-linear in the number of glyphs (sorting).
GlyphRuns glyph_runs(const PageContent& content, const Frame& frame,
                     std::vector<PlacedGlyph> glyphs, std::vector<PlacedGlyph> spaces);

// Gives runs that belong to one line the same number: scripts beside their base, wobbling
// baselines.
void join_runs(GlyphRuns& runs);

}  // namespace pdf2md::document
