// JPEG files by TurboJPEG: damaged ones as far as they go, CMYK as Adobe stores it.
#include <turbojpeg.h>

#include <memory>

#include "daemon/reader/picture.h"

namespace pdf2md::reader {
namespace {

// Inks are stored as how much white they leave.
void rgb_from_cmyk(const std::vector<uint8_t>& cmyk, std::vector<uint8_t>& rgb) {
  for (size_t i = 0; i < rgb.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<uint8_t>(cmyk[4 * i + c] * cmyk[4 * i + 3] / 255);
  }
}

}  // namespace

Result<Picture> decode_jpeg(std::string_view file, const PictureBudget& budget) {
  std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  auto failed = [&decoder] {
    return Error{ErrorCode::kDamaged,
                 std::string("the JPEG cannot be decoded: ") + tjGetErrorStr2(decoder.get()), ""};
  };
  if (decoder == nullptr) return failed();
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  Picture picture;
  int sampling = 0, space = 0;
  if (tjDecompressHeader3(decoder.get(), bytes, file.size(), &picture.width, &picture.height,
                          &sampling, &space) != 0 ||
      picture.width <= 0 || picture.height <= 0)
    return failed();
  const bool inks = space == TJCS_CMYK || space == TJCS_YCCK;
  picture.channels = space == TJCS_GRAY ? 1 : 3;
  // A JPEG in several scans is kept as a whole, in coefficients of two bytes.
  Status fits = budget.allows(static_cast<uint64_t>(picture.width),
                              static_cast<uint64_t>(picture.height), inks ? 7 : 3);
  if (!fits) return fits.error();
  const size_t count = static_cast<size_t>(picture.width) * picture.height;
  picture.pixels.resize(count * picture.channels);
  std::vector<uint8_t> cmyk(inks ? count * 4 : 0);
  const int format = inks ? TJPF_CMYK : picture.channels == 1 ? TJPF_GRAY : TJPF_RGB;
  // Some JPEGs of hundreds of scans are made to take hours.
  if (tjDecompress2(decoder.get(), bytes, file.size(), inks ? cmyk.data() : picture.pixels.data(),
                    picture.width, 0, picture.height, format, TJFLAG_LIMITSCANS) != 0) {
    if (tjGetErrorCode(decoder.get()) != TJERR_WARNING) return failed();
    picture.problem = std::string("the JPEG is damaged: ") + tjGetErrorStr2(decoder.get());
  }
  if (inks) rgb_from_cmyk(cmyk, picture.pixels);
  return picture;
}

}  // namespace pdf2md::reader
