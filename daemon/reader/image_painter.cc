#include "daemon/reader/image_painter.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "daemon/reader/image_rows.h"

namespace pdf2md::reader {
namespace {

// From here on pixels are meant to be seen, and the rasteriser does not smooth them.
constexpr int kMostEnlarged = 4;
// Columns of a turned image that are written together.
constexpr int kBand = 16;

Span intersection(Span a, Span b) {
  return {std::max(a.from, b.from), std::min(a.to, b.to)};
}

// Where an image lies on the canvas. Its own axes: u along its rows, v down its columns.
struct Placement {
  Span x, y;              // all of it
  Span shown_x, shown_y;  // what the canvas and the clip leave of it
  bool turned = false;    // u runs along y
  bool mirrored_x = false, mirrored_y = false;

  explicit Placement(const PageImage& image) {
    const double* t = image.to_area.m;
    turned = std::abs(t[0]) < std::abs(t[1]);
    double along_x = turned ? t[2] : t[0], along_y = turned ? t[1] : t[3];
    mirrored_x = along_x < 0;
    mirrored_y = along_y < 0;
    x = touched(t[4], t[4] + along_x);
    y = touched(t[5], t[5] + along_y);
    shown_x = intersection(x, image.clip_x);
    shown_y = intersection(y, image.clip_y);
  }
  int width() const { return (turned ? y : x).length(); }
  int height() const { return (turned ? x : y).length(); }
  Span columns() const { return turned ? along_y() : along_x(); }
  Span rows() const { return turned ? along_x() : along_y(); }

 private:
  // As poppler has it: every pixel that is touched, and the last one also where it only begins.
  static Span touched(double a, double b) {
    return {static_cast<int>(std::floor(std::min(a, b))),
            static_cast<int>(std::floor(std::max(a, b))) + 1};
  }
  // The part that is shown, counted from where the image begins.
  static Span counted(Span shown, Span whole, bool mirrored) {
    if (mirrored) return {whole.to - shown.to, whole.to - shown.from};
    return {shown.from - whole.from, shown.to - whole.from};
  }
  Span along_x() const { return counted(shown_x, x, mirrored_x); }
  Span along_y() const { return counted(shown_y, y, mirrored_y); }
};

void make_white(const Canvas& canvas) {
  std::memset(canvas.pixels, 255,
              static_cast<size_t>(canvas.width) * canvas.height * canvas.channels);
}

// Puts an image's rows where they belong.
class RowWriter {
 public:
  // ink: null where the rows are pixels, else rows say how much of it is painted.
  RowWriter(const Canvas& canvas, const Placement& place, const uint8_t* ink)
      : canvas_(canvas), place_(place), ink_(ink), channels_(ink == nullptr ? canvas.channels : 1) {
    band_.resize(place.columns().length() * static_cast<size_t>(channels_) *
                 (place.turned ? kBand : 1));
  }

  // Where to write the next row; write() then takes it from there.
  uint8_t* row() {
    if (direct()) return canvas_.at(place_.shown_x.from, y_of(done_));
    return band_.data() + (place_.turned ? done_ % kBand : 0) * row_bytes();
  }
  void write() {
    int row = done_++;
    if (direct()) return;
    if (!place_.turned) {
      int y = y_of(row);
      const int count = place_.shown_x.length();
      for (int i = 0; i < count; ++i)
        put(place_.mirrored_x ? place_.shown_x.to - 1 - i : place_.shown_x.from + i, y,
            band_.data() + static_cast<size_t>(i) * channels_);
    } else if (done_ % kBand == 0 || done_ == place_.shown_x.length()) {
      write_band(row / kBand * kBand, done_);
    }
  }

 private:
  bool direct() const { return !place_.turned && !place_.mirrored_x && ink_ == nullptr; }
  size_t row_bytes() const { return band_.size() / (place_.turned ? kBand : 1); }
  int y_of(int row) const {
    return place_.mirrored_y ? place_.shown_y.to - 1 - row : place_.shown_y.from + row;
  }
  int x_of(int row) const {
    return place_.mirrored_x ? place_.shown_x.to - 1 - row : place_.shown_x.from + row;
  }
  // Rows from, up to but without to, which are columns of the canvas.
  void write_band(int from, int to) {
    const int count = place_.shown_y.length();
    for (int i = 0; i < count; ++i) {
      int y = place_.mirrored_y ? place_.shown_y.to - 1 - i : place_.shown_y.from + i;
      for (int row = from; row < to; ++row)
        put(x_of(row), y,
            band_.data() + (row - from) * row_bytes() + static_cast<size_t>(i) * channels_);
    }
  }
  void put(int x, int y, const uint8_t* from) {
    uint8_t* to = canvas_.at(x, y);
    for (int i = 0; i < canvas_.channels; ++i) {
      if (ink_ == nullptr)
        to[i] = from[i];
      else
        to[i] = static_cast<uint8_t>((to[i] * (255 - *from) + ink_[i] * *from + 127) / 255);
    }
  }

  const Canvas& canvas_;
  const Placement& place_;
  const uint8_t* ink_;
  int channels_;  // of the rows
  int done_ = 0;
  std::vector<uint8_t> band_;
};

}  // namespace

Result<bool> paint_images(PdfDocument& document, uint32_t page,
                          const std::vector<PageImage>& images, const Canvas& canvas,
                          const Deadline& deadline) {
  bool bare = true;  // nothing but paper so far
  for (const PageImage& image : images) {
    Placement place(image);
    if (place.shown_x.empty() || place.shown_y.empty()) continue;
    if (place.width() >= kMostEnlarged * static_cast<int64_t>(image.width_px) ||
        place.height() >= kMostEnlarged * static_cast<int64_t>(image.height_px))
      return false;
    bool all = place.shown_x.length() == canvas.width && place.shown_y.length() == canvas.height;
    if (bare && !all) make_white(canvas);
    RowsWanted wanted;
    wanted.grey = canvas.channels == 1;
    wanted.coverage = image.colors == nullptr && !bare;
    // A pixel less is within the rounding that the resampler allows for.
    wanted.least_width = place.width() - 1;
    wanted.least_height = place.height() - 1;
    std::unique_ptr<PixelRows> rows = open_rows(document, image, wanted, deadline);
    if (rows == nullptr) return deadline.passed() ? Result<bool>(deadline.error(page)) : false;
    const uint8_t* ink = canvas.channels == 1 ? &image.ink_grey : image.ink_rgb;
    RowWriter writer(canvas, place, wanted.coverage ? ink : nullptr);
    Resampler resampler(*rows, place.width(), place.height(), place.columns(), place.rows());
    for (int row = place.rows().length(); row > 0; --row) {
      bool good = resampler.next(writer.row());
      if (deadline.passed()) return deadline.error(page);
      if (!good) return false;
      writer.write();
    }
    bare = false;
  }
  if (bare) make_white(canvas);
  return true;
}

}  // namespace pdf2md::reader
