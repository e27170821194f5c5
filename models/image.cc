#include "models/image.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pdf2md::models {

namespace {

// A crop is never larger than this on a side; wider text is scaled down by the recogniser anyway.
constexpr int kMaxCropSide = 16384;

// Where one output sample comes from along one axis: `count` inputs from `first` on, with weights
// that sum to 1.
struct Taps {
  int first = 0;
  int count = 0;
  size_t weights = 0;  // index of the first weight
};
struct Axis {
  std::vector<Taps> taps;
  std::vector<float> weights;
};

// Pixel centres lie at half numbers on both grids.
Axis make_axis(int from, int to) {
  Axis axis;
  axis.taps.resize(static_cast<size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    Taps& taps = axis.taps[static_cast<size_t>(i)];
    taps.weights = axis.weights.size();
    if (to >= from) {
      const double centre = std::clamp((i + 0.5) * scale - 0.5, 0.0, from - 1.0);
      taps.first = std::min(static_cast<int>(centre), from - 1);
      const float second = static_cast<float>(centre - taps.first);
      taps.count = taps.first + 1 < from ? 2 : 1;
      axis.weights.push_back(taps.count == 2 ? 1 - second : 1);
      if (taps.count == 2) axis.weights.push_back(second);
      continue;
    }
    const double begin = i * scale, end = (i + 1) * scale;
    taps.first = std::min(static_cast<int>(begin), from - 1);
    const int last = std::clamp(static_cast<int>(std::ceil(end)), taps.first + 1, from);
    taps.count = last - taps.first;
    for (int k = taps.first; k < last; ++k) {
      const double covered = std::min<double>(end, k + 1) - std::max<double>(begin, k);
      axis.weights.push_back(static_cast<float>(std::max(0.0, covered) / scale));
    }
  }
  return axis;
}

uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
}

}  // namespace

Image resized(const ImageView& image, int width, int height) {
  Image out;
  out.width = width;
  out.height = height;
  out.channels = image.channels;
  if (width <= 0 || height <= 0 || image.width <= 0 || image.height <= 0) {
    out.width = out.height = 0;
    return out;
  }
  const int channels = image.channels;
  out.pixels.resize(static_cast<size_t>(width) * height * channels);
  const Axis across = make_axis(image.width, width), down = make_axis(image.height, height);
  const size_t row_length = static_cast<size_t>(image.width) * channels;
  std::vector<float> row(row_length);
  for (int y = 0; y < height; ++y) {
    // Down first: whole rows are added up, which the compiler turns into vector code.
    std::fill(row.begin(), row.end(), 0.0f);
    const Taps& taps = down.taps[static_cast<size_t>(y)];
    for (int k = 0; k < taps.count; ++k) {
      const uint8_t* source = image.data + static_cast<size_t>(taps.first + k) * image.stride;
      const float weight = down.weights[taps.weights + static_cast<size_t>(k)];
      for (size_t i = 0; i < row_length; ++i) row[i] += weight * source[i];
    }
    uint8_t* target = out.pixels.data() + static_cast<size_t>(y) * width * channels;
    for (int x = 0; x < width; ++x) {
      const Taps& side = across.taps[static_cast<size_t>(x)];
      std::array<float, 4> sum{};
      const float* source = row.data() + static_cast<size_t>(side.first) * channels;
      for (int k = 0; k < side.count; ++k, source += channels) {
        const float weight = across.weights[side.weights + static_cast<size_t>(k)];
        for (int c = 0; c < channels; ++c) sum[static_cast<size_t>(c)] += weight * source[c];
      }
      for (int c = 0; c < channels; ++c) *target++ = to_byte(sum[static_cast<size_t>(c)]);
    }
  }
  return out;
}

Image rotated(const ImageView& image, int degrees) {
  const int turns = ((degrees / 90) % 4 + 4) % 4;
  const int channels = image.channels;
  Image out;
  out.width = turns % 2 == 0 ? image.width : image.height;
  out.height = turns % 2 == 0 ? image.height : image.width;
  out.channels = channels;
  out.pixels.resize(static_cast<size_t>(out.width) * out.height * channels);
  uint8_t* target = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = x, from_y = y;
      if (turns == 1) from_x = y, from_y = image.height - 1 - x;
      if (turns == 2) from_x = image.width - 1 - x, from_y = image.height - 1 - y;
      if (turns == 3) from_x = image.width - 1 - y, from_y = x;
      const uint8_t* source = image.data + static_cast<size_t>(from_y) * image.stride +
                              static_cast<size_t>(from_x) * channels;
      for (int c = 0; c < channels; ++c) *target++ = source[c];
    }
  }
  return out;
}

namespace {

double side(const Quad& quad, int a, int b) {
  return std::hypot(quad.x[a] - quad.x[b], quad.y[a] - quad.y[b]);
}

}  // namespace

CropSize crop_size(const Quad& quad) {
  const double wide = (side(quad, 0, 1) + side(quad, 3, 2)) / 2,
               high = (side(quad, 0, 3) + side(quad, 1, 2)) / 2;
  CropSize size;
  size.width = static_cast<int>(std::clamp(std::round(wide), 1.0, double{kMaxCropSide}));
  size.height = static_cast<int>(std::clamp(std::round(high), 1.0, double{kMaxCropSide}));
  size.stands = size.height > 1.5 * size.width;
  if (size.stands) std::swap(size.width, size.height);
  return size;
}

// P. Heckbert, "Fundamentals of Texture Mapping", 1989.
Projection::Projection(const Quad& q) {
  const double dx1 = q.x[1] - q.x[2], dx2 = q.x[3] - q.x[2], sx = q.x[0] - q.x[1] + q.x[2] - q.x[3];
  const double dy1 = q.y[1] - q.y[2], dy2 = q.y[3] - q.y[2], sy = q.y[0] - q.y[1] + q.y[2] - q.y[3];
  const double determinant = dx1 * dy2 - dx2 * dy1;
  if (std::abs(determinant) > 1e-9) {
    g = (sx * dy2 - dx2 * sy) / determinant;
    h = (dx1 * sy - sx * dy1) / determinant;
  }
  a = q.x[1] - q.x[0] + g * q.x[1];
  b = q.x[3] - q.x[0] + h * q.x[3];
  c = q.x[0];
  d = q.y[1] - q.y[0] + g * q.y[1];
  e = q.y[3] - q.y[0] + h * q.y[3];
  f = q.y[0];
}

Image crop_quad(const ImageView& image, const Quad& quad) {
  const CropSize size = crop_size(quad);
  Image out;
  out.width = size.stands ? size.height : size.width;
  out.height = size.stands ? size.width : size.height;
  out.channels = image.channels;
  const size_t channels = static_cast<size_t>(out.channels);
  out.pixels.assign(static_cast<size_t>(out.width) * out.height * channels, 255);
  if (image.width <= 0 || image.height <= 0) return out;
  const Projection map(quad);
  uint8_t* target = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    const double v = (y + 0.5) / out.height;
    for (int x = 0; x < out.width; ++x) {
      const double u = (x + 0.5) / out.width;
      const double w = map.g * u + map.h * v + 1;
      const double inverse = std::abs(w) > 1e-9 ? 1 / w : 0;
      const double sx =
          std::clamp((map.a * u + map.b * v + map.c) * inverse - 0.5, 0.0, image.width - 1.0);
      const double sy =
          std::clamp((map.d * u + map.e * v + map.f) * inverse - 0.5, 0.0, image.height - 1.0);
      const int x0 = static_cast<int>(sx), y0 = static_cast<int>(sy);
      const int x1 = std::min(x0 + 1, image.width - 1), y1 = std::min(y0 + 1, image.height - 1);
      const float fx = static_cast<float>(sx - x0), fy = static_cast<float>(sy - y0);
      const uint8_t* row0 = image.data + static_cast<size_t>(y0) * image.stride;
      const uint8_t* row1 = image.data + static_cast<size_t>(y1) * image.stride;
      for (size_t c = 0; c < channels; ++c) {
        const size_t i0 = static_cast<size_t>(x0) * channels + c,
                     i1 = static_cast<size_t>(x1) * channels + c;
        const float top = row0[i0] + fx * (row0[i1] - row0[i0]);
        const float bottom = row1[i0] + fx * (row1[i1] - row1[i0]);
        *target++ = to_byte(top + fy * (bottom - top));
      }
    }
  }
  return size.stands ? rotated(out.view(), 270) : out;
}

Image crop_quickly(const ImageView& image, const Quad& quad) {
  const auto fourth = [](const float* at) { return at[0] + at[2] - at[1]; };
  const bool parallel =
      std::abs(fourth(quad.x) - quad.x[3]) < 0.5f && std::abs(fourth(quad.y) - quad.y[3]) < 0.5f;
  if (!parallel || image.channels != 1 || image.width <= 0 || image.height <= 0)
    return crop_quad(image, quad);
  const CropSize size = crop_size(quad);
  Image out;
  out.width = size.stands ? size.height : size.width;
  out.height = size.stands ? size.width : size.height;
  out.channels = 1;
  out.pixels.resize(static_cast<size_t>(out.width) * out.height);
  constexpr double kOne = 65536;  // coordinates have 16 bits behind the point, weights 8
  const double along_x = quad.x[1] - quad.x[0], along_y = quad.y[1] - quad.y[0];
  const int64_t step_x = static_cast<int64_t>(along_x / out.width * kOne),
                step_y = static_cast<int64_t>(along_y / out.width * kOne);
  const int64_t last_x = int64_t{image.width - 1} << 16, last_y = int64_t{image.height - 1} << 16;
  uint8_t* target = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    const double v = (y + 0.5) / out.height, u = 0.5 / out.width;
    int64_t at_x =
        static_cast<int64_t>((quad.x[0] + along_x * u + (quad.x[3] - quad.x[0]) * v - 0.5) * kOne);
    int64_t at_y =
        static_cast<int64_t>((quad.y[0] + along_y * u + (quad.y[3] - quad.y[0]) * v - 0.5) * kOne);
    for (int x = 0; x < out.width; ++x, at_x += step_x, at_y += step_y) {
      const int64_t sx = std::clamp<int64_t>(at_x, 0, last_x),
                    sy = std::clamp<int64_t>(at_y, 0, last_y);
      const int right = static_cast<int>(sx >> 8 & 255), down = static_cast<int>(sy >> 8 & 255);
      const uint8_t* row0 = image.data + (sy >> 16) * image.stride + (sx >> 16);
      const uint8_t* row1 = sy < last_y ? row0 + image.stride : row0;
      const int next = sx < last_x ? 1 : 0;
      const int top = row0[0] * (256 - right) + row0[next] * right;
      const int bottom = row1[0] * (256 - right) + row1[next] * right;
      *target++ = static_cast<uint8_t>((top * (256 - down) + bottom * down + 32768) >> 16);
    }
  }
  return size.stands ? rotated(out.view(), 270) : out;
}

}  // namespace pdf2md::models
