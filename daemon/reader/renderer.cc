#include "daemon/reader/renderer.h"

#include <Page.h>
#include <SplashOutputDev.h>
#include <splash/SplashBitmap.h>

#include <algorithm>
#include <cmath>

#include "daemon/reader/annotations.h"
#include "daemon/reader/deadline.h"
#include "daemon/reader/image_page.h"
#include "daemon/reader/image_painter.h"
#include "daemon/reader/memfd.h"

namespace pdf2md::reader {
namespace {

constexpr double kMaxDpi = 2400;

std::string name_of(const proto::Render& request) {
  return "page " + std::to_string(request.page);
}

bool should_stop(void* deadline) {
  return static_cast<const Deadline*>(deadline)->passed();
}

// Which pixels are asked for. Errors: kBadMessage, kPageFailed, kPageTooLarge.
Result<PixelArea> area_of(PdfDocument& document, const proto::Render& request) {
  std::string name = name_of(request);
  Result<PageGeometry> geometry = document.page_geometry(request.page);
  if (!geometry) return geometry.error();
  if (!(request.dpi > 0 && request.dpi <= kMaxDpi)) {
    return Error{ErrorCode::kBadMessage,
                 name + ": a resolution must be above 0 and at most 2400 dpi", ""};
  }
  double scale = request.dpi / 72;
  double x0 = 0, y0 = 0, x1 = geometry->width_pt, y1 = geometry->height_pt;
  if (request.x1 > request.x0 && request.y1 > request.y0) {
    x0 = std::clamp(request.x0, 0.0, x1);
    y0 = std::clamp(request.y0, 0.0, y1);
    x1 = std::clamp(request.x1, 0.0, x1);
    y1 = std::clamp(request.y1, 0.0, y1);
    if (!(x1 > x0 && y1 > y0)) {
      return Error{ErrorCode::kBadMessage, name + ": the part to render is not on the page", ""};
    }
  }
  // A hundredth of a pixel is rounding, not content.
  double left = std::floor(x0 * scale + 0.01), top = std::floor(y0 * scale + 0.01);
  double width = std::max(1.0, std::ceil(x1 * scale - 0.01) - left);
  double height = std::max(1.0, std::ceil(y1 * scale - 0.01) - top);
  if (width * height > static_cast<double>(document.limits().max_pixels) || width > 100000 ||
      height > 100000) {
    return Error{ErrorCode::kPageTooLarge,
                 name + ": " + std::to_string(std::llround(width)) + " × " +
                     std::to_string(std::llround(height)) + " pixels; the limit is " +
                     std::to_string(document.limits().max_pixels) + " pixels",
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

// Nothing where only the rasteriser knows what the page looks like.
Result<std::optional<RenderedPage>> render_images(PdfDocument& document,
                                                  const proto::Render& request,
                                                  const PixelArea& area, const Deadline& deadline) {
  std::optional<RenderedPage> page;
  Result<std::optional<std::vector<PageImage>>> images =
      images_of_page(document, request.page, area, deadline);
  if (!images) return images.error();
  if (!*images) return page;
  proto::Raster header = header_of(request, area);
  Result<MappedMemfd> memory = MappedMemfd::create(size_t{header.stride} * header.height);
  if (!memory) return memory.error();
  Canvas canvas{memory->data(), area.width, area.height, static_cast<int>(header.channels)};
  Result<bool> painted = paint_images(document, request.page, **images, canvas, deadline);
  if (!painted) return painted.error();
  if (!*painted) return page;
  Result<Fd> pixels = memory->seal();
  if (!pixels) return pixels.error();
  page = RenderedPage{header, std::move(*pixels)};
  return page;
}

Result<RenderedPage> rasterise(PdfDocument& document, const proto::Render& request,
                               const PixelArea& area, Deadline& deadline) {
  SplashColor white = {255, 255, 255};
  SplashOutputDev device(request.grey ? splashModeMono8 : splashModeRGB8, 1, false, white, true);
  device.setFontAntialias(true);
  device.setVectorAntialias(true);
  device.startDoc(&document.pdf());
  document.profiles().lend_to(device);
  document.pdf().displayPageSlice(&device, static_cast<int>(request.page), area.dpi, area.dpi, 0,
                                  false, true, false, area.left, area.top, area.width, area.height,
                                  should_stop, &deadline, annotation_is_content, nullptr);
  if (deadline.passed()) return deadline.error(request.page);

  // Where the bitmap cannot be allocated, poppler draws on one of a single pixel instead.
  SplashBitmap* bitmap = device.getBitmap();
  if (bitmap == nullptr || bitmap->getDataPtr() == nullptr || bitmap->getWidth() != area.width ||
      bitmap->getHeight() != area.height) {
    return Error{ErrorCode::kOutOfMemory, name_of(request) + ": no memory for its pixels",
                 "use a lower resolution, or raise limits.reader_memory_mib"};
  }
  RenderedPage page;
  page.header = header_of(request, area);
  page.header.stride = static_cast<uint32_t>(bitmap->getRowSize());
  size_t bytes = size_t{page.header.stride} * page.header.height;
  Result<Fd> pixels = sealed_memfd({reinterpret_cast<const char*>(bitmap->getDataPtr()), bytes});
  if (!pixels) return pixels.error();
  page.pixels = std::move(*pixels);
  return page;
}

}  // namespace

Result<RenderedPage> render(PdfDocument& document, const proto::Render& request, bool shows_text) {
  Result<PixelArea> area = area_of(document, request);
  if (!area) return area.error();
  Deadline deadline(document.limits().page_timeout_ms);
  if (!shows_text) {
    Result<std::optional<RenderedPage>> page = render_images(document, request, *area, deadline);
    if (!page) return page.error();
    if (*page) return std::move(**page);
  }
  return rasterise(document, request, *area, deadline);
}

}  // namespace pdf2md::reader
