#include "daemon/reader/picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pdf2md::reader {
namespace {

constexpr double kA4LongPt = 842, kA2LongPt = 1684;
constexpr double kScreenDpi = 96;
constexpr double kScannersLeastDpi = 100;
constexpr int kSmallPx = 1000;

}  // namespace

Picture upright(Picture picture, int orientation) {
  if (orientation < 2 || orientation > 8) return picture;
  // EXIF 2.3, tag 0x0112: from 5 on rows and columns change places.
  const bool turned = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Picture out;
  out.width = turned ? picture.height : picture.width;
  out.height = turned ? picture.width : picture.height;
  out.channels = picture.channels;
  out.dpi_x = turned ? picture.dpi_y : picture.dpi_x;
  out.dpi_y = turned ? picture.dpi_x : picture.dpi_y;
  out.problem = std::move(picture.problem);
  out.pixels.resize(picture.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x, to += out.channels) {
      int column = turned ? y : x, row = turned ? x : y;
      if (from_right) column = picture.width - 1 - column;
      if (from_bottom) row = picture.height - 1 - row;
      const size_t at = (static_cast<size_t>(row) * picture.width + column) * picture.channels;
      std::copy_n(picture.pixels.data() + at, picture.channels, to);
    }
  }
  return out;
}

PageSize page_size_of(const Picture& picture, double max_side_pt) {
  double dpi_x = picture.dpi_x, dpi_y = picture.dpi_y;
  const bool given = dpi_x >= 1 && dpi_y >= 1 && dpi_x < 1e5 && dpi_y < 1e5;
  const double longer_px = std::max(picture.width, picture.height);
  double longer_pt = given ? 72 * std::max(picture.width / dpi_x, picture.height / dpi_y) : 0;
  const bool measured = given && std::min(dpi_x, dpi_y) >= kScannersLeastDpi;
  if (!given || longer_pt > (measured ? max_side_pt : std::min(kA2LongPt, max_side_pt)))
    dpi_x = dpi_y = longer_px < kSmallPx ? kScreenDpi : longer_px * 72 / kA4LongPt;
  return {72 * picture.width / dpi_x, 72 * picture.height / dpi_y};
}

}  // namespace pdf2md::reader
