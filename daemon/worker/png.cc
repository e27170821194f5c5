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

}  // namespace pdf2md::worker
