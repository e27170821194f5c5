#include <webp/decode.h>

#include "daemon/reader/picture.h"

namespace pdf2md::reader {
namespace {

const Error kDamagedWebp{ErrorCode::kDamaged, "the WebP picture cannot be decoded", ""};

}  // namespace

Result<Picture> decode_webp(std::string_view file, const PictureBudget& budget) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(file.data());
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(bytes, file.size(), &features) != VP8_STATUS_OK) return kDamagedWebp;
  if (features.has_animation != 0)
    return Error{ErrorCode::kUnsupportedType, "an animated WebP picture", "save one of its frames"};
  Picture picture;
  picture.width = features.width;
  picture.height = features.height;
  picture.channels = 3;
  const int stored = features.has_alpha != 0 ? 4 : 3;
  Status fits = budget.allows(static_cast<uint64_t>(picture.width),
                              static_cast<uint64_t>(picture.height), stored == 4 ? 7 : 3);
  if (!fits) return fits.error();
  const size_t count = static_cast<size_t>(picture.width) * picture.height;
  std::vector<uint8_t> pixels(count * stored);
  const int stride = picture.width * stored;
  const bool good =
      stored == 4 ? WebPDecodeRGBAInto(bytes, file.size(), pixels.data(), pixels.size(), stride)
                  : WebPDecodeRGBInto(bytes, file.size(), pixels.data(), pixels.size(), stride);
  if (!good) return kDamagedWebp;
  if (stored == 3) {
    picture.pixels = std::move(pixels);
    return picture;
  }
  picture.pixels.resize(count * 3);
  for (size_t i = 0; i < count; ++i) {
    const int alpha = pixels[4 * i + 3];
    for (size_t c = 0; c < 3; ++c)
      picture.pixels[3 * i + c] =
          static_cast<uint8_t>((pixels[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  return picture;
}

}  // namespace pdf2md::reader
