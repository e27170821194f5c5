#include "daemon/worker/png.h"

#include <png.h>

namespace pdf2md::worker {

Result<std::string> encode_png(const models::ImageView& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.data, image.stride, nullptr) ==
      0) {
    return Error{ErrorCode::kInternal, std::string("PNG encoding failed: ") + png.message, ""};
  }
  bytes.resize(size);
  return bytes;
}

Result<std::string> encode_png_without_needless_colour(const models::ImageView& image) {
  if (image.channels != 3) return encode_png(image);
  models::Image grey;
  grey.width = image.width;
  grey.height = image.height;
  grey.channels = 1;
  grey.pixels.reserve(static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = image.data + static_cast<size_t>(y) * static_cast<size_t>(image.stride);
    for (const uint8_t* p = row; p != row + 3 * static_cast<size_t>(image.width); p += 3) {
      if (p[0] != p[1] || p[0] != p[2]) return encode_png(image);
      grey.pixels.push_back(p[0]);
    }
  }
  return encode_png(grey.view());
}

}  // namespace pdf2md::worker
