// The reader's own decoders of images, on arbitrary bytes: nothing may crash or run away.
//
// The first four bytes say which decoder, how wide the image is, and to what size it is scaled.
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "daemon/reader/fax_samples.h"
#include "daemon/reader/flate_samples.h"
#include "daemon/reader/jpeg_rows.h"
#include "daemon/reader/resample.h"

namespace {

using namespace pdf2md::reader;

constexpr int kMostRows = 300;
constexpr uint32_t kTimeLimitMs = 5000;

// A byte of samples for each pixel.
class SampleRows : public PixelRows {
 public:
  SampleRows(std::unique_ptr<Samples> samples, int width, int channels)
      : samples_(std::move(samples)), width_(width), channels_(channels) {}
  int width() const override { return width_; }
  int height() const override { return kMostRows; }
  int channels() const override { return channels_; }
  bool read(uint8_t* row) override { return samples_->read(row); }

 private:
  std::unique_ptr<Samples> samples_;
  int width_, channels_;
};

void scale(PixelRows& rows, int width, int height) {
  std::vector<uint8_t> row(static_cast<size_t>(width) * rows.channels());
  Resampler resampler(rows, width, height, {0, width}, {0, height});
  for (int y = 0; y < height && resampler.next(row.data()); ++y) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const int kind = data[0], width = 1 + data[1] * 4;
  const int target_width = 1 + data[2] * 5, target_height = 1 + data[3];
  ByteSource bytes = [at = data + 4, end = data + size](uint8_t* out, size_t most) mutable {
    size_t count = std::min(most, static_cast<size_t>(end - at));
    std::memcpy(out, at, count);
    at += count;
    return count;
  };
  switch (kind % 6) {
    case 0: {
      SampleRows rows(std::make_unique<FaxSamples>(std::move(bytes), width * 8, kind >> 7), width,
                      1);
      scale(rows, target_width, target_height);
      break;
    }
    case 1:
    case 2:
    case 3: {
      constexpr Predictor kPredictors[] = {Predictor::kNone, Predictor::kTiff, Predictor::kPng};
      SampleRows rows(open_flate(std::move(bytes), static_cast<size_t>(width) * 3, 3,
                                 kPredictors[kind % 6 - 1]),
                      width, 3);
      scale(rows, target_width, target_height);
      break;
    }
    default: {
      // Any size that the JPEG itself claims, as long as it is small.
      Deadline deadline(kTimeLimitMs);
      int components = kind % 6 == 4 ? 1 : 3;
      JpegRows::Wanted wanted{width, 1 + data[3], components, (kind & 64) != 0, 1, 1};
      std::unique_ptr<JpegRows> rows = JpegRows::open(std::move(bytes), wanted, deadline);
      if (rows != nullptr) scale(*rows, target_width, target_height);
    }
  }
  return 0;
}
