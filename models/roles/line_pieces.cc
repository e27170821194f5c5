#include "models/roles/line_pieces.h"

#include <algorithm>
#include <cmath>

#include "models/roles/ctc.h"

namespace pdf2md::models {

namespace {

// Of the height: a gap this wide between two words is a space.
constexpr double kSpaceWidth = 0.15;
// A column whose brightness varies less than this (of 255) holds no ink.
constexpr int kBlankRange = 40;

std::vector<bool> blank_columns(const Image& image) {
  std::vector<bool> blank(static_cast<size_t>(image.width));
  for (int x = 0; x < image.width; ++x) {
    int low = 255, high = 0;
    for (int y = 0; y < image.height; ++y) {
      const int value = image.pixels[(static_cast<size_t>(y) * image.width + x) * image.channels];
      low = std::min(low, value);
      high = std::max(high, value);
    }
    blank[static_cast<size_t>(x)] = high - low < kBlankRange;
  }
  return blank;
}

Image columns(const Image& image, int begin, int end) {
  Image part;
  part.width = end - begin;
  part.height = image.height;
  part.channels = image.channels;
  const size_t row = static_cast<size_t>(image.width) * image.channels;
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* from = image.pixels.data() + static_cast<size_t>(y) * row;
    part.pixels.insert(part.pixels.end(), from + static_cast<size_t>(begin) * image.channels,
                       from + static_cast<size_t>(end) * image.channels);
  }
  return part;
}

}  // namespace

LinePieces cut_line(const ImageView& line, int height, int max_width, std::vector<Image>& images) {
  LinePieces result;
  if (line.width <= 0 || line.height <= 0) return result;
  // No page is that wide; what is, is squeezed.
  const double wanted = static_cast<double>(line.width) * height / line.height;
  const int width = static_cast<int>(std::clamp(std::ceil(wanted), 1.0, 16.0 * max_width));
  Image whole = resized(line, width, height);
  if (width <= max_width) {
    result.pieces.push_back({images.size(), 0, 1, false});
    images.push_back(std::move(whole));
    return result;
  }
  const std::vector<bool> blank = blank_columns(whole);
  bool space = false;
  for (int begin = 0; begin < width;) {
    int end = width;
    bool next_space = false;
    if (width - begin > max_width) {
      // The widest gap in the second half of what fits; without any, a cut at the full width.
      end = begin + max_width;
      int widest = 0;
      for (int x = begin + max_width / 2; x < begin + max_width;) {
        int stop = x;
        while (stop < begin + max_width && blank[static_cast<size_t>(stop)]) ++stop;
        if (stop - x > widest) {
          widest = stop - x;
          end = x + (stop - x) / 2;
        }
        x = std::max(stop, x + 1);
      }
      next_space = widest >= kSpaceWidth * height;
    }
    result.pieces.push_back({images.size(), static_cast<float>(begin) / static_cast<float>(width),
                             static_cast<float>(end) / static_cast<float>(width), space});
    images.push_back(columns(whole, begin, end));
    begin = end;
    space = next_space;
  }
  return result;
}

RecognisedText join_pieces(const LinePieces& line, const std::vector<RecognisedText>& texts) {
  if (line.pieces.empty()) return {};
  if (line.pieces.size() == 1) return texts[line.pieces[0].index];
  RecognisedText result;
  double sum = 0;
  for (const LinePieces::Piece& piece : line.pieces) {
    const RecognisedText& part = texts[piece.index];
    if (part.text.empty()) continue;
    if (piece.space_before && !result.text.empty() && result.text.back() != ' ' &&
        part.text.front() != ' ') {
      result.text += ' ';
      result.positions.push_back(piece.begin);
    }
    result.text += part.text;
    for (const float position : part.positions) {
      result.positions.push_back(piece.begin + position * (piece.end - piece.begin));
    }
    sum += part.confidence * static_cast<double>(part.positions.size());
  }
  size_t characters = 0;
  for (const LinePieces::Piece& piece : line.pieces)
    characters += texts[piece.index].positions.size();
  if (characters > 0) {
    result.confidence =
        static_cast<float>(std::round(sum / static_cast<double>(characters) * 1000) / 1000);
  }
  return result;
}

}  // namespace pdf2md::models
