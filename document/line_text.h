// Internal to lines_from_glyphs: from the runs of one line to its text, spaced and styled.
#pragma once

#include <vector>

#include "document/glyph_runs.h"
#include "document/page_record.h"

namespace pdf2md::document {

// `runs`: all of one line. formulas: as LaTeX, by the numbers that placed glyphs have. links: those that may touch the line, as indices into content.links.
// The boxes are in page space.
Line line_from_runs(const PageContent& content, const Frame& frame, const GlyphRuns& all,
                    std::vector<GlyphRun> runs, const std::vector<std::string>& formulas,
                    const std::vector<uint32_t>& links, bool right_to_left_page);

}  // namespace pdf2md::document
