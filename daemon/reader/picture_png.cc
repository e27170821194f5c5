// PNG files by libpng's simplified interface: any depth, palettes, interlaced, transparent.
#include <png.h>

#include "daemon/reader/picture.h"

namespace pdf2md::reader {

Result<Picture> decode_png(std::string_view file, const PictureBudget& budget) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  auto failed = [&image] {
    Error error{ErrorCode::kDamaged, std::string("the PNG cannot be decoded: ") + image.message,
                ""};
    png_image_free(&image);
    return error;
  };
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) return failed();
  Picture picture;
  picture.channels = (image.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1;
  // Interlaced ones are held once more while they are decoded, in up to 16 bits.
  Status fits = budget.allows(image.width, image.height, 4);
  if (!fits) {
    png_image_free(&image);
    return fits.error();
  }
  image.format = picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  picture.width = static_cast<int>(image.width);
  picture.height = static_cast<int>(image.height);
  picture.pixels.assign(PNG_IMAGE_SIZE(image), 255);
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, picture.pixels.data(), 0, nullptr) == 0)
    return failed();
  png_image_free(&image);
  return picture;
}

}  // namespace pdf2md::reader
