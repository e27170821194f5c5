#include "daemon/reader/resample.h"

#include <catch2/catch.hpp>
#include <functional>
#include <numeric>

using namespace pdf2md::reader;

namespace {

using Pixel = std::function<uint8_t(int x, int y, int channel)>;

class MadeRows : public PixelRows {
 public:
  MadeRows(int width, int height, int channels, Pixel pixel)
      : width_(width), height_(height), channels_(channels), pixel_(std::move(pixel)) {}
  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return channels_; }
  bool read(uint8_t* row) override {
    if (y_ >= ends_after) return false;
    for (int x = 0; x < width_; ++x) {
      for (int c = 0; c < channels_; ++c) *row++ = pixel_(x, y_, c);
    }
    ++y_;
    return true;
  }
  int ends_after = 1 << 30;

 private:
  int width_, height_, channels_;
  Pixel pixel_;
  int y_ = 0;
};

struct Scaled {
  int width, channels;
  std::vector<uint8_t> pixels;
  int at(int x, int y, int c = 0) const {
    return pixels[(static_cast<size_t>(y) * width + x) * channels + c];
  }
};

Scaled scaled(MadeRows rows, int width, int height, Span columns, Span lines) {
  Scaled out{columns.length(), rows.channels(), {}};
  size_t row = static_cast<size_t>(out.width) * out.channels;
  out.pixels.resize(row * lines.length());
  Resampler resampler(rows, width, height, columns, lines);
  for (int y = 0; y < lines.length(); ++y) REQUIRE(resampler.next(&out.pixels[y * row]));
  return out;
}
Scaled scaled(MadeRows rows, int width, int height) {
  return scaled(std::move(rows), width, height, {0, width}, {0, height});
}

// What the area of a target pixel holds, at full precision.
double average(const Pixel& pixel, int source, int target, int x, int y, int channel) {
  double ratio = static_cast<double>(source) / target, sum = 0;
  auto share = [&](int i, int at) {
    return std::max(0.0, std::min<double>(i + 1, (at + 1) * ratio) - std::max(i + 0.0, at * ratio));
  };
  for (int j = 0; j < source; ++j) {
    for (int i = 0; i < source; ++i) {
      double weight = share(i, x) * share(j, y);
      if (weight > 0) sum += weight * pixel(i, j, channel);
    }
  }
  return sum / (ratio * ratio);
}

uint8_t noise(int x, int y, int c) {
  return static_cast<uint8_t>((x * 7919 + y * 104729 + c * 31 + x * y * 13) >> 2);
}

}  // namespace

TEST_CASE("shrinking gives each pixel the average of its area") {
  for (int channels : {1, 3}) {
    for (int target : {60, 40, 37, 30, 13, 3, 1}) {
      CAPTURE(channels, target);
      Scaled out = scaled(MadeRows(61, 61, channels, noise), target, target);
      if (target == 60) continue;  // within a pixel: see below
      double worst = 0;
      for (int y = 0; y < target; ++y) {
        for (int x = 0; x < target; ++x) {
          for (int c = 0; c < channels; ++c)
            worst =
                std::max(worst, std::abs(out.at(x, y, c) - average(noise, 61, target, x, y, c)));
        }
      }
      CHECK(worst < 4);  // weights are of 7 and 8 bits
    }
  }
}

TEST_CASE("plain colours stay exactly what they are") {
  for (int value : {0, 1, 127, 254, 255}) {
    for (int target : {1, 7, 50, 99, 100, 101, 102, 333}) {
      Scaled out = scaled(MadeRows(100, 100, 1, [&](int, int, int) { return value; }), target, 51);
      CAPTURE(value, target);
      CHECK(std::all_of(out.pixels.begin(), out.pixels.end(),
                        [&](uint8_t pixel) { return pixel == value; }));
    }
  }
}

TEST_CASE("a size that differs by rounding copies the pixels") {
  Scaled out = scaled(MadeRows(50, 40, 3, noise), 51, 39);
  for (int y = 0; y < 39; ++y) {
    for (int x = 0; x < 51; ++x) {
      for (int c = 0; c < 3; ++c) REQUIRE(out.at(x, y, c) == noise(std::min(x, 49), y, c));
    }
  }
}

TEST_CASE("growing lies between the neighbours") {
  Scaled out = scaled(MadeRows(3, 2, 1, [](int x, int y, int) { return 100 * x + 40 * y; }), 6, 4);
  std::vector<int> first(out.pixels.begin(), out.pixels.begin() + 6);
  CHECK(first == std::vector<int>{0, 50, 100, 150, 200, 200});
  CHECK(out.at(0, 1) == 20);
  CHECK(out.at(1, 1) == 70);
  CHECK(out.at(5, 3) == 240);
}

TEST_CASE("a part is the same pixels as the whole") {
  for (int channels : {1, 3}) {
    for (int target : {90, 64, 101, 150, 20}) {
      CAPTURE(channels, target);
      Scaled whole = scaled(MadeRows(100, 100, channels, noise), target, target);
      Span columns{5, 19}, rows{7, 18};
      Scaled part = scaled(MadeRows(100, 100, channels, noise), target, target, columns, rows);
      bool same = true;
      for (int y = 0; y < rows.length(); ++y) {
        for (int x = 0; x < columns.length(); ++x) {
          for (int c = 0; c < channels; ++c)
            same = same && part.at(x, y, c) == whole.at(x + columns.from, y + rows.from, c);
        }
      }
      CHECK(same);
    }
  }
}

TEST_CASE("rows that are missing are noticed, and rows that are not needed not read") {
  MadeRows rows(20, 20, 1, noise);
  rows.ends_after = 10;
  std::vector<uint8_t> row(10);
  Resampler whole(rows, 10, 10, {0, 10}, {0, 10});
  for (int y = 0; y < 5; ++y) CHECK(whole.next(row.data()));
  CHECK_FALSE(whole.next(row.data()));
  MadeRows again(20, 20, 1, noise);
  again.ends_after = 10;
  Resampler upper_half(again, 10, 10, {0, 10}, {0, 5});
  for (int y = 0; y < 5; ++y) CHECK(upper_half.next(row.data()));
}
