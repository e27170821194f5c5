#include "daemon/reader/renderer.h"

#include <Page.h>
#include <SplashOutputDev.h>
#include <splash/SplashBitmap.h>

#include "daemon/reader/annotations.h"
#include "daemon/reader/deadline.h"
#include "daemon/reader/image_page.h"
#include "daemon/reader/image_painter.h"
#include "proto/memfd.h"

namespace pdf2md::reader {
namespace {

std::string name_of(const proto::Render& request) {
  return "page " + std::to_string(request.page);
}

bool should_stop(void* deadline) {
  return static_cast<const Deadline*>(deadline)->passed();
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
  Result<proto::MappedMemfd> memory =
      proto::MappedMemfd::create(size_t{header.stride} * header.height);
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
  Result<Fd> pixels =
      proto::sealed_memfd({reinterpret_cast<const char*>(bitmap->getDataPtr()), bytes});
  if (!pixels) return pixels.error();
  page.pixels = std::move(*pixels);
  return page;
}

}  // namespace

Result<RenderedPage> render(PdfDocument& document, const proto::Render& request, bool shows_text) {
  Result<PageGeometry> geometry = document.page_geometry(request.page);
  if (!geometry) return geometry.error();
  Result<PixelArea> area =
      area_of(geometry->width_pt, geometry->height_pt, document.limits(), request);
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
