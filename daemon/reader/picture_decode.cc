#include "daemon/reader/picture.h"
#include "daemon/reader/picture_marks.h"

namespace pdf2md::reader {
namespace {

Result<Picture> decode_stored(FileKind kind, std::string_view file, const PictureBudget& budget) {
  switch (kind) {
    case FileKind::kJpeg:
      return decode_jpeg(file, budget);
    case FileKind::kPng:
      return decode_png(file, budget);
    case FileKind::kWebp:
      return decode_webp(file, budget);
    default:
      return Error{ErrorCode::kUnsupportedType, "not a picture that can be decoded", ""};
  }
}

}  // namespace

Status PictureBudget::allows(uint64_t width, uint64_t height, uint64_t bytes_per_pixel) const {
  if (width > 0 && height > 0 && width < 1u << 24 && height < 1u << 24 &&
      width * height <= bytes / bytes_per_pixel)
    return Ok{};
  return Error{ErrorCode::kPageTooLarge,
               "a picture of " + std::to_string(width) + " × " + std::to_string(height) +
                   " pixels takes more than " + std::to_string(bytes >> 20) + " MiB",
               "make it smaller, or raise limits.reader_memory_mib"};
}

Result<Picture> decode_picture(FileKind kind, std::string_view file, const PictureBudget& budget) {
  Result<Picture> picture = decode_stored(kind, file, budget);
  if (!picture) return picture.error();
  const PictureMarks marks = marks_of(kind, file);
  picture->dpi_x = marks.dpi_x;
  picture->dpi_y = marks.dpi_y;
  return upright(std::move(*picture), marks.orientation);
}

}  // namespace pdf2md::reader
