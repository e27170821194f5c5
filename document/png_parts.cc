#include "document/png_parts.h"

namespace pdf2md::document {
namespace {

Error not_ours(const char* what) {
  return Error{ErrorCode::kInternal, std::string("a picture of a page is no PNG of ours: ") + what,
               ""};
}

uint32_t u32_at(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

Result<PngParts> png_parts(std::string_view png) {
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  constexpr size_t kAround = 12;  // length, type and checksum of a chunk
  if (!png.starts_with(kSignature)) return not_ours("signature");
  PngParts parts;
  for (size_t at = kSignature.size(); at + kAround <= png.size();) {
    const size_t size = u32_at(png, at);
    const std::string_view type = png.substr(at + 4, 4);
    if (size > png.size() - at - kAround) return not_ours("cut off");
    const std::string_view data = png.substr(at + 8, size);
    at += kAround + size;
    if (type == "IHDR") {
      if (size != 13) return not_ours("header");
      parts.width_px = u32_at(data, 0);
      parts.height_px = u32_at(data, 4);
      const char depth = data[8], colour = data[9], interlaced = data[12];
      if (depth != 8 || (colour != 0 && colour != 2) || interlaced != 0) return not_ours("format");
      parts.channels = colour == 2 ? 3 : 1;
    } else if (type == "IDAT") {
      parts.rows += data;
    } else if (type == "IEND") {
      break;
    }
  }
  if (parts.width_px == 0 || parts.height_px == 0 || parts.rows.empty()) return not_ours("empty");
  return parts;
}

}  // namespace pdf2md::document
