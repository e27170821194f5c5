// Scaling of pixel rows, which come from top to bottom and are not kept: every target pixel is the
// average of the area that it covers where the image shrinks, and lies between its two neighbours
// where it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pdf2md::reader {

// Rows of a decoded image, 1 (grey) or 3 (R, G, B) bytes a pixel.
class PixelRows {
 public:
  virtual ~PixelRows() = default;
  virtual int width() const = 0;
  virtual int height() const = 0;
  virtual int channels() const = 0;
  // The next row, width × channels bytes. False: there is none, or it cannot be read.
  virtual bool read(uint8_t* row) = 0;
};

// A part of something's pixels along one axis: from, up to but without to.
struct Span {
  int from = 0;
  int to = 0;
  int length() const { return to - from; }
  bool empty() const { return to <= from; }
};

// Along one axis: the source pixels that make each target pixel, and how much of each. A target
// that is within a pixel of the source's size gets the source's pixels one by one: such a difference
// comes from rounding, and scaling would only blur.
class Axis {
 public:
  // source, target: pixels of all of the image, positive. unit: the sum of a target pixel's
  // weights. wanted: the target pixels that are asked for.
  Axis(int source, int target, int unit, Span wanted);

  bool pixel_by_pixel() const { return pixel_by_pixel_; }
  int taps() const { return taps_; }  // of each target pixel; some may weigh nothing
  // i: of the wanted pixels. first + taps may exceed the source where the weights there are 0.
  int first(int i) const { return first_[i]; }
  std::span<const int16_t> weights(int i) const {
    return {weights_.data() + static_cast<size_t>(i) * taps_, static_cast<size_t>(taps_)};
  }

 private:
  void shrink(int source, int target, int unit, Span wanted);
  void grow(int source, int target, int unit, Span wanted);

  bool pixel_by_pixel_ = false;
  int taps_ = 1;
  std::vector<int32_t> first_;
  std::vector<int16_t> weights_;
};

class Resampler {
 public:
  // The image as a whole becomes target_width × target_height; columns and rows are the part of it
  // that is wanted. Nothing here may be empty.
  Resampler(PixelRows& source, int target_width, int target_height, Span columns, Span rows);

  // The next wanted row, columns × channels bytes. False where the source ended early.
  bool next(uint8_t* row);

 private:
  const uint8_t* source_row(int y);
  bool sum_rows(int y);
  void scale_grey(uint8_t* row) const;
  void scale(uint8_t* row) const;

  PixelRows& source_;
  Span columns_;
  Axis across_;
  Axis down_;
  size_t row_bytes_;
  std::vector<uint8_t> kept_[2];  // the last two source rows
  int read_ = 0;                  // source rows so far
  int done_ = 0;                  // target rows so far
  std::vector<int16_t> sum_;
};

}  // namespace pdf2md::reader
