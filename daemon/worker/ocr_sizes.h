// Font sizes and weights of scanned lines, measured from the ink of their letters.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/worker/ocr_lines.h"

namespace pdf2md::worker {

// How far the letters of a text reach above and below the baseline, in font sizes.
struct Reach {
  float above = 0.5f;  // x-height
  float below = 0;
};
Reach reach_of(std::string_view text);

// Detection boxes end this far outside the ink, in font sizes; measured on pages whose font sizes
// are known.
inline constexpr float kBoxMargin = 0.05f;

// Of each box, in pixels: from the heights of its letters where they tell, else from the box. Boxes
// of one page, since what small letters say depends on its type.
std::vector<float> font_sizes(const std::vector<ReadBox>& boxes);

// Measured sizes scatter by some percent: lines of about one size get one size, the one that most
// of their characters have. Each line has one span.
void settle_sizes(std::vector<document::Line>& lines);

// Lines whose strokes are much wider than those of the page's text become bold. One line a box;
// their sizes are settled.
void mark_bold(const std::vector<ReadBox>& boxes, std::vector<document::Line>& lines);

}  // namespace pdf2md::worker
