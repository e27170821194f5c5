#include "daemon/reader/picture_marks.h"

namespace pdf2md::reader {
namespace {

using namespace std::string_view_literals;

constexpr double kCmPerInch = 2.54;

// Numbers within bytes that may end anywhere: what lies beyond is 0.
class Bytes {
 public:
  Bytes(std::string_view all, bool little_endian) : all_(all), little_(little_endian) {}
  uint32_t number(size_t at, size_t count) const {
    if (at > all_.size() || all_.size() - at < count) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto byte = static_cast<uint8_t>(all_[at + (little_ ? count - 1 - i : i)]);
      value = value << 8 | byte;
    }
    return value;
  }
  uint32_t u16(size_t at) const { return number(at, 2); }
  uint32_t u32(size_t at) const { return number(at, 4); }
  double rational(size_t at) const {
    const uint32_t below = u32(at + 4);
    return below == 0 ? 0 : static_cast<double>(u32(at)) / below;
  }

 private:
  std::string_view all_;
  bool little_;
};

void jpeg_marks(std::string_view file, PictureMarks& marks) {
  const Bytes bytes(file, false);
  double jfif_x = 0, jfif_y = 0;
  // Segments up to the first scan (ITU-T T.81, B.1).
  for (size_t at = 2; at + 4 <= file.size() && static_cast<uint8_t>(file[at]) == 0xFF;) {
    const uint32_t marker = bytes.number(at + 1, 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const size_t length = bytes.u16(at + 2);
    if (marker == 0xDA || marker == 0xD9 || length < 2) break;
    const std::string_view body = file.substr(at + 4).substr(0, length - 2);
    if (marker == 0xE0 && body.starts_with("JFIF\0"sv) && body.size() >= 12) {
      const Bytes jfif(body, false);
      const uint32_t unit = jfif.number(7, 1);
      const double scale = unit == 1 ? 1 : unit == 2 ? kCmPerInch : 0;
      jfif_x = jfif.u16(8) * scale;
      jfif_y = jfif.u16(10) * scale;
    }
    if (marker == 0xE1 && body.starts_with("Exif\0\0"sv)) read_exif(body.substr(6), marks);
    at += 2 + length;
  }
  if (jfif_x > 0 && jfif_y > 0) {
    marks.dpi_x = jfif_x;
    marks.dpi_y = jfif_y;
  }
}

void png_marks(std::string_view file, PictureMarks& marks) {
  const Bytes bytes(file, false);
  for (size_t at = 8; at + 12 <= file.size();) {
    const size_t length = bytes.u32(at);
    const std::string_view type = file.substr(at + 4, 4);
    if (type == "IDAT" || length > file.size() - at - 12) break;
    const std::string_view body = file.substr(at + 8, length);
    if (type == "pHYs" && length == 9 && body[8] == 1) {  // pixels a metre
      marks.dpi_x = bytes.u32(at + 8) * kCmPerInch / 100;
      marks.dpi_y = bytes.u32(at + 12) * kCmPerInch / 100;
    }
    if (type == "eXIf") {
      PictureMarks exif;
      read_exif(body, exif);
      marks.orientation = exif.orientation;
    }
    at += 12 + length;
  }
}

void webp_marks(std::string_view file, PictureMarks& marks) {
  const Bytes bytes(file, true);
  for (size_t at = 12; at + 8 <= file.size();) {
    const size_t length = bytes.u32(at + 4);
    if (length > file.size() - at - 8) break;
    std::string_view body = file.substr(at + 8, length);
    if (file.substr(at, 4) == "EXIF") {
      if (body.starts_with("Exif\0\0"sv)) body.remove_prefix(6);
      read_exif(body, marks);
    }
    at += 8 + length + length % 2;
  }
}

}  // namespace

void read_exif(std::string_view exif, PictureMarks& marks) {
  if (!exif.starts_with("II*\0"sv) && !exif.starts_with("MM\0*"sv)) return;
  const Bytes bytes(exif, exif[0] == 'I');
  const size_t directory = bytes.u32(4);
  const uint32_t entries = bytes.u16(directory);
  double x = 0, y = 0;
  uint32_t unit = 2;
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t at = directory + 2 + size_t{12} * i;
    if (at + 12 > exif.size()) break;
    switch (bytes.u16(at)) {
      case 0x0112:
        if (const uint32_t value = bytes.u16(at + 8); value >= 1 && value <= 8)
          marks.orientation = static_cast<int>(value);
        break;
      case 0x011A:
        x = bytes.rational(bytes.u32(at + 8));
        break;
      case 0x011B:
        y = bytes.rational(bytes.u32(at + 8));
        break;
      case 0x0128:
        unit = bytes.u16(at + 8);
        break;
      default:
        break;
    }
  }
  const double scale = unit == 3 ? kCmPerInch : unit == 2 ? 1 : 0;
  if (x * scale > 0 && y * scale > 0) {
    marks.dpi_x = x * scale;
    marks.dpi_y = y * scale;
  }
}

PictureMarks marks_of(FileKind kind, std::string_view file) {
  PictureMarks marks;
  if (kind == FileKind::kJpeg) jpeg_marks(file, marks);
  if (kind == FileKind::kPng) png_marks(file, marks);
  if (kind == FileKind::kWebp) webp_marks(file, marks);
  return marks;
}

}  // namespace pdf2md::reader
