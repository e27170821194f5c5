// Lines of text that are wider than the recogniser takes: cut in gaps, read, joined again.
// No vendor headers.
#pragma once

#include <vector>

#include "models/model_set.h"
#include "models/picture.h"

namespace pdf2md::models {

// Which columns of a strip hold no ink: those whose brightness hardly varies.
std::vector<bool> blank_columns(const ImageView& strip);
inline constexpr int kBlankRange = 40;  // of 255: what a blank column may vary by

// How wide a crop becomes when its height is brought to `height`; `widest` bounds what is taken in
// one piece, and sixteen times that what is taken at all.
int strip_width(int crop_width, int crop_height, int height, int widest);

// Pieces of at most `widest` columns, cut in the widest gap of the second half of each. `blank` may
// be empty where the strip is no wider than that.
std::vector<LinePiece> cut_strip(int width, int height, int widest, const std::vector<bool>& blank);

// One text of the texts of the pieces; positions become fractions of the strip.
RecognisedText join_pieces(const std::vector<LinePiece>& pieces, int width,
                           const std::vector<RecognisedText>& texts);

}  // namespace pdf2md::models
