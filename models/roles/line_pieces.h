// A line of text at the recogniser's height, cut between words where it is too long for it.
#pragma once

#include <vector>

#include "models/image.h"
#include "models/model_set.h"

namespace pdf2md::models {

struct LinePieces {
  struct Piece {
    size_t index = 0;  // in the list of all pieces
    float begin = 0;   // fractions of the line's width
    float end = 1;
    bool space_before = false;  // the cut went through a gap as wide as a space
  };
  std::vector<Piece> pieces;
};

// Scales the line to `height` and appends it, in pieces of at most max_width, to `images`.
LinePieces cut_line(const ImageView& line, int height, int max_width, std::vector<Image>& images);

// The text of the whole line from the texts of all pieces.
RecognisedText join_pieces(const LinePieces& line, const std::vector<RecognisedText>& texts);

}  // namespace pdf2md::models
