#include "models/roles/line_pieces.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::models {

namespace {

// Of the height: a gap this wide between two words is a space.
constexpr double kSpaceWidth = 0.15;

}  // namespace

std::vector<bool> blank_columns(const ImageView& strip) {
  std::vector<bool> blank(static_cast<size_t>(strip.width));
  for (int x = 0; x < strip.width; ++x) {
    int low = 255, high = 0;
    for (int y = 0; y < strip.height; ++y) {
      const int value = strip.data[static_cast<size_t>(y) * strip.stride +
                                   static_cast<size_t>(x) * strip.channels];
      low = std::min(low, value);
      high = std::max(high, value);
    }
    blank[static_cast<size_t>(x)] = high - low < kBlankRange;
  }
  return blank;
}

int strip_width(int crop_width, int crop_height, int height, int widest) {
  // No page is that wide; what is, is squeezed.
  const double wanted = static_cast<double>(crop_width) * height / crop_height;
  return static_cast<int>(std::clamp(std::ceil(wanted), 1.0, 16.0 * widest));
}

std::vector<LinePiece> cut_strip(int width, int height, int widest,
                                 const std::vector<bool>& blank) {
  std::vector<LinePiece> pieces;
  bool space = false;
  for (int begin = 0; begin < width;) {
    int end = width;
    bool next_space = false;
    if (width - begin > widest) {
      // The widest gap in the second half of what fits; without any, a cut at the full width.
      end = begin + widest;
      int gap = 0;
      for (int x = begin + widest / 2; x < begin + widest;) {
        int stop = x;
        while (stop < begin + widest && blank[static_cast<size_t>(stop)]) ++stop;
        if (stop - x > gap) {
          gap = stop - x;
          end = x + (stop - x) / 2;
        }
        x = std::max(stop, x + 1);
      }
      next_space = gap >= kSpaceWidth * height;
    }
    pieces.push_back({begin, end, space});
    begin = end;
    space = next_space;
  }
  return pieces;
}

RecognisedText join_pieces(const std::vector<LinePiece>& pieces, int width,
                           const std::vector<RecognisedText>& texts) {
  if (pieces.empty()) return {};
  if (pieces.size() == 1) return texts[0];
  RecognisedText result;
  double sum = 0;
  size_t characters = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const RecognisedText& part = texts[i];
    if (part.text.empty()) continue;
    const float begin = static_cast<float>(pieces[i].begin) / static_cast<float>(width),
                end = static_cast<float>(pieces[i].end) / static_cast<float>(width);
    if (pieces[i].space_before && !result.text.empty() && result.text.back() != ' ' &&
        part.text.front() != ' ') {
      result.text += ' ';
      result.positions.push_back(begin);
    }
    result.text += part.text;
    for (const float position : part.positions)
      result.positions.push_back(begin + position * (end - begin));
    sum += part.confidence * static_cast<double>(part.positions.size());
    characters += part.positions.size();
  }
  if (characters > 0) {
    result.confidence =
        static_cast<float>(std::round(sum / static_cast<double>(characters) * 1000) / 1000);
  }
  return result;
}

}  // namespace pdf2md::models
