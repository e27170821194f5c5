// Small capitals: recognition reads them as capitals, since a letter's shape is all that it knows.
// What tells them apart is their height beside the other letters of the line.
#pragma once

#include <string>
#include <vector>

#include "models/image.h"
#include "models/model_set.h"

namespace pdf2md::worker {

// Of the ink of each character, in pixels of the line's image; 0: none found. One per position.
std::vector<float> ink_heights(const models::ImageView& line, const std::vector<float>& positions);

// The text with small capitals as lower-case letters. `heights`: one per character.
std::string without_small_capitals(const std::string& text, const std::vector<float>& heights);

}  // namespace pdf2md::worker
