// Internal to analyse_page: its stages think in points of a page whose text is about ten points
// high. Scans without a resolution, and pages drawn at another scale, are brought there and back.
#pragma once

#include "document/stages.h"

namespace pdf2md::document {

// The factor; 1 where the text is of a usual size already.
float scale_to_usual_size(const PageInput& input);

PageInput scaled(PageInput input, float factor);
void scale(Block& block, float factor);

}  // namespace pdf2md::document
