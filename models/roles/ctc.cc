#include "models/roles/ctc.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::models {

size_t code_points(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

RecognisedText decode_ctc(std::span<const int32_t> classes, std::span<const float> probabilities,
                          const std::vector<std::string>& charset, float step_width, float width) {
  RecognisedText result;
  double sum = 0;
  size_t characters = 0;
  for (size_t t = 0; t < classes.size();) {
    size_t end = t + 1;
    while (end < classes.size() && classes[end] == classes[t]) ++end;
    const int32_t index = classes[t];
    if (index > 0 && static_cast<size_t>(index) <= charset.size()) {
      const std::string& text = charset[static_cast<size_t>(index) - 1];
      const float centre = static_cast<float>(t + end) / 2 * step_width;
      result.text += text;
      result.positions.insert(result.positions.end(), code_points(text),
                              std::clamp(centre / std::max(width, 1.0f), 0.0f, 1.0f));
      // The surest step speaks for the character.
      sum += *std::max_element(probabilities.begin() + static_cast<std::ptrdiff_t>(t),
                               probabilities.begin() + static_cast<std::ptrdiff_t>(end));
      ++characters;
    }
    t = end;
  }
  if (characters > 0) {
    result.confidence =
        static_cast<float>(std::round(sum / static_cast<double>(characters) * 1000) / 1000);
  }
  return result;
}

}  // namespace pdf2md::models
