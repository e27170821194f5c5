// Decoding of connectionist temporal classification (A. Graves et al., ICML 2006), best path.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/model_set.h"

namespace pdf2md::models {

// classes[t] is the best class of step t (0: blank), probabilities[t] its probability; a step is
// step_width pixels wide, and what lies beyond `width` pixels is padding. charset[k] is the text of
// class k + 1. Positions are fractions of `width`.
RecognisedText decode_ctc(std::span<const int32_t> classes, std::span<const float> probabilities,
                          const std::vector<std::string>& charset, float step_width, float width);

// The code points of valid UTF-8.
size_t code_points(const std::string& text);

}  // namespace pdf2md::models
