#include "daemon/reader/raster_area.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::reader {
namespace {

constexpr double kMaxDpi = 2400;
constexpr double kMaxSidePx = 100000;
constexpr double kRoundingPx = 0.01;

}  // namespace

int pixels_of_side(double side_pt, double dpi) {
  const double pixels = std::ceil(side_pt * dpi / 72 - kRoundingPx);
  return static_cast<int>(std::clamp(pixels, 1.0, kMaxSidePx));
}

Result<PixelArea> area_of(double width_pt, double height_pt, const proto::DocumentLimits& limits,
                          const proto::Render& request) {
  const std::string name = "page " + std::to_string(request.page);
  if (!(request.dpi > 0 && request.dpi <= kMaxDpi)) {
    return Error{ErrorCode::kBadMessage,
                 name + ": a resolution must be above 0 and at most 2400 dpi", ""};
  }
  double scale = request.dpi / 72;
  double x0 = 0, y0 = 0, x1 = width_pt, y1 = height_pt;
  if (request.x1 > request.x0 && request.y1 > request.y0) {
    x0 = std::clamp(request.x0, 0.0, x1);
    y0 = std::clamp(request.y0, 0.0, y1);
    x1 = std::clamp(request.x1, 0.0, x1);
    y1 = std::clamp(request.y1, 0.0, y1);
    if (!(x1 > x0 && y1 > y0)) {
      return Error{ErrorCode::kBadMessage, name + ": the part to render is not on the page", ""};
    }
  }
  double left = std::floor(x0 * scale + kRoundingPx), top = std::floor(y0 * scale + kRoundingPx);
  double width = std::max(1.0, std::ceil(x1 * scale - kRoundingPx) - left);
  double height = std::max(1.0, std::ceil(y1 * scale - kRoundingPx) - top);
  if (width * height > static_cast<double>(limits.max_pixels) || width > kMaxSidePx ||
      height > kMaxSidePx) {
    return Error{ErrorCode::kPageTooLarge,
                 name + ": " + std::to_string(std::llround(width)) + " × " +
                     std::to_string(std::llround(height)) + " pixels; the limit is " +
                     std::to_string(limits.max_pixels) + " pixels",
                 "use a lower resolution, or raise limits.max_pixels"};
  }
  return PixelArea{request.dpi, static_cast<int>(left), static_cast<int>(top),
                   static_cast<int>(width), static_cast<int>(height)};
}

proto::Raster header_of(const proto::Render& request, const PixelArea& area) {
  proto::Raster header;
  header.width = static_cast<uint32_t>(area.width);
  header.height = static_cast<uint32_t>(area.height);
  header.channels = request.grey ? 1 : 3;
  header.stride = header.width * header.channels;
  return header;
}

}  // namespace pdf2md::reader
