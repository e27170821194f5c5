// Pixels: 8 bits a channel, rows from the top, 1 channel (grey) or 3 (R, G, B).
#pragma once

#include <cstdint>
#include <vector>

namespace pdf2md::models {

struct ImageView {
  const uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int stride = 0;  // bytes a row
  int channels = 3;
};

struct Image {
  std::vector<uint8_t> pixels;
  int width = 0;
  int height = 0;
  int channels = 3;
  ImageView view() const { return {pixels.data(), width, height, width * channels, channels}; }
};

// Four corners in pixels (x to the right, y down), clockwise from the corner that is top-left as
// the text is read.
struct Quad {
  float x[4] = {};
  float y[4] = {};
};

// The size of what crop_quad makes of a quad.
struct CropSize {
  int width = 1, height = 1;
  bool stands = false;  // the quad does, so that the crop is turned
};
CropSize crop_size(const Quad& quad);

// From the unit square to a quad: x = (a u + b v + c) / (g u + h v + 1), y likewise.
struct Projection {
  explicit Projection(const Quad& quad);
  double a, b, c, d, e, f, g = 0, h = 0;
};

// The part of `image` inside `quad`, straightened (perspective, bilinear). Its height is the quad's
// mean side height in pixels, at least 1; a quad that stands upright (height > 1.5 x width) is
// turned by 90 degrees counter-clockwise, as vertical lines of Latin text are.
Image crop_quad(const ImageView& image, const Quad& quad);

// The same of a grey image in fixed point, in a quarter of the time, and not equal to the last bit:
// for measuring.
Image crop_quickly(const ImageView& image, const Quad& quad);

// Bilinear when enlarging, area average when shrinking.
Image resized(const ImageView& image, int width, int height);

// Turned clockwise by 0, 90, 180 or 270 degrees.
Image rotated(const ImageView& image, int degrees);

}  // namespace pdf2md::models
