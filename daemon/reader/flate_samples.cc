#include "daemon/reader/flate_samples.h"

#include <zlib.h>

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace pdf2md::reader {
namespace {

constexpr size_t kInputBytes = 16384;

uint8_t paeth(int left, int up, int up_left) {
  int from_left = std::abs(up - up_left), from_up = std::abs(left - up_left);
  int from_corner = std::abs(left + up - 2 * up_left);
  if (from_left <= from_up && from_left <= from_corner) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(from_up <= from_corner ? up : up_left);
}

// Adds to each byte what its neighbours predict: the one a pixel before it, the one above.
bool undo_png(int filter, uint8_t* row, const uint8_t* above, size_t size, size_t pixel) {
  auto left = [&](size_t i) { return i < pixel ? 0 : row[i - pixel]; };
  auto corner = [&](size_t i) { return i < pixel ? 0 : above[i - pixel]; };
  auto add = [&](size_t i, int value) { row[i] = static_cast<uint8_t>(row[i] + value); };
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (size_t i = pixel; i < size; ++i) add(i, row[i - pixel]);
      return true;
    case 2:
      for (size_t i = 0; i < size; ++i) add(i, above[i]);
      return true;
    case 3:
      for (size_t i = 0; i < size; ++i) add(i, (left(i) + above[i]) / 2);
      return true;
    case 4:
      for (size_t i = 0; i < size; ++i) add(i, paeth(left(i), above[i], corner(i)));
      return true;
    default:
      return false;
  }
}

class FlateSamples : public Samples {
 public:
  FlateSamples(ByteSource source, size_t row_bytes, size_t pixel_bytes, Predictor predictor)
      : source_(std::move(source)),
        row_bytes_(row_bytes),
        pixel_bytes_(pixel_bytes),
        predictor_(predictor),
        input_(kInputBytes) {
    if (predictor == Predictor::kPng) above_.resize(row_bytes);
  }
  ~FlateSamples() override {
    if (open_) ::inflateEnd(&zlib_);
  }
  FlateSamples(const FlateSamples&) = delete;
  FlateSamples& operator=(const FlateSamples&) = delete;

  bool open() { return open_ = ::inflateInit(&zlib_) == Z_OK; }

  bool read(uint8_t* row) override {
    uint8_t filter = 0;
    if (predictor_ == Predictor::kPng && !inflate(&filter, 1)) return false;
    if (!inflate(row, row_bytes_)) return false;
    if (predictor_ == Predictor::kTiff) return undo_png(1, row, nullptr, row_bytes_, pixel_bytes_);
    if (predictor_ == Predictor::kPng) {
      if (!undo_png(filter, row, above_.data(), row_bytes_, pixel_bytes_)) return false;
      std::memcpy(above_.data(), row, row_bytes_);
    }
    return true;
  }

 private:
  bool inflate(uint8_t* out, size_t size) {
    zlib_.next_out = out;
    zlib_.avail_out = static_cast<uInt>(size);
    while (zlib_.avail_out > 0) {
      if (zlib_.avail_in == 0) {
        zlib_.next_in = input_.data();
        zlib_.avail_in = static_cast<uInt>(source_(input_.data(), input_.size()));
        if (zlib_.avail_in == 0) return false;
      }
      int result = ::inflate(&zlib_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) return zlib_.avail_out == 0;
      if (result != Z_OK) return false;
    }
    return true;
  }

  ByteSource source_;
  size_t row_bytes_, pixel_bytes_;
  Predictor predictor_;
  std::vector<uint8_t> input_, above_;
  z_stream zlib_{};
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Samples> open_flate(ByteSource source, size_t row_bytes, size_t pixel_bytes,
                                    Predictor predictor) {
  auto samples =
      std::make_unique<FlateSamples>(std::move(source), row_bytes, pixel_bytes, predictor);
  if (!samples->open()) return nullptr;
  return samples;
}

}  // namespace pdf2md::reader
