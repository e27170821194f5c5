#include "daemon/worker/stroke_width.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pdf2md::worker {
namespace {

constexpr float kInkShare = 0.02f;  // of the pixels are darker than what is called ink
constexpr int kLeastContrast = 40;  // between ink and paper, of 255

// Paper and ink of a line: the commonest light value, and what its darkest pixels have.
struct Tones {
  int paper = 255, ink = 0;
};

Tones tones_of(const models::ImageView& line) {
  std::array<size_t, 256> counts{};
  size_t all = 0;
  for (int y = 0; y < line.height; ++y) {
    const uint8_t* row = line.data + static_cast<ptrdiff_t>(y) * line.stride;
    for (int x = 0; x < line.width; ++x) ++counts[row[static_cast<ptrdiff_t>(x) * line.channels]];
    all += static_cast<size_t>(line.width);
  }
  Tones tones;
  tones.paper =
      static_cast<int>(std::max_element(counts.begin() + 100, counts.end()) - counts.begin());
  size_t darker = 0;
  for (tones.ink = 0; tones.ink < 255; ++tones.ink) {
    darker += counts[static_cast<size_t>(tones.ink)];
    if (static_cast<float>(darker) >= kInkShare * static_cast<float>(all)) break;
  }
  return tones;
}

}  // namespace

float stroke_width(const models::ImageView& line) {
  const Tones tones = tones_of(line);
  const int contrast = tones.paper - tones.ink;
  if (contrast < kLeastContrast) return 0;
  const int threshold = tones.ink + contrast / 2;
  int64_t darkness = 0;
  size_t strokes = 0;
  for (int y = 0; y < line.height; ++y) {
    const uint8_t* row = line.data + static_cast<ptrdiff_t>(y) * line.stride;
    bool inside = false;
    for (int x = 0; x < line.width; ++x) {
      const int value = row[static_cast<ptrdiff_t>(x) * line.channels];
      darkness += std::clamp(tones.paper - value, 0, contrast);
      const bool ink = value < threshold;
      strokes += ink && !inside;
      inside = ink;
    }
  }
  return strokes == 0 ? 0
                      : static_cast<float>(static_cast<double>(darkness) / contrast /
                                           static_cast<double>(strokes));
}

}  // namespace pdf2md::worker
