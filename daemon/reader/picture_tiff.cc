#include "daemon/reader/picture_tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace pdf2md::reader {
namespace {

constexpr double kCmPerInch = 2.54;

TiffFile& file_of(thandle_t handle) {
  return *static_cast<TiffFile*>(handle);
}

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t count) {
  TiffFile& file = file_of(handle);
  if (count < 0 || file.position >= file.bytes().size()) return 0;
  const size_t left = file.bytes().size() - file.position;
  const size_t some = std::min(static_cast<size_t>(count), left);
  std::memcpy(to, file.bytes().data() + file.position, some);
  file.position += some;
  return static_cast<tmsize_t>(some);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return -1;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  TiffFile& file = file_of(handle);
  if (whence == SEEK_CUR) offset += file.position;
  if (whence == SEEK_END) offset += file.bytes().size();
  return file.position = offset;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t size_of(thandle_t handle) {
  return file_of(handle).bytes().size();
}

int lend_mapping(thandle_t handle, void** base, toff_t* size) {
  *base = const_cast<char*>(file_of(handle).bytes().data());
  *size = file_of(handle).bytes().size();
  return 1;
}

void keep_mapping(thandle_t, void*, toff_t) {}

int note_complaint(TIFF*, void* file, const char*, const char* format, va_list arguments) {
  char text[300];
  std::vsnprintf(text, sizeof text, format, arguments);
  static_cast<TiffFile*>(file)->complaint = text;
  return 1;
}

int ignore(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

uint16_t field(TIFF* tiff, uint32_t tag) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

void read_resolution(TIFF* tiff, Picture& picture) {
  float x = 0, y = 0;
  const uint16_t unit = field(tiff, TIFFTAG_RESOLUTIONUNIT);
  if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) == 0 ||
      TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y) == 0 || unit == RESUNIT_NONE)
    return;
  const double scale = unit == RESUNIT_CENTIMETER ? kCmPerInch : 1;
  picture.dpi_x = x * scale;
  picture.dpi_y = y * scale;
}

}  // namespace

Result<std::unique_ptr<TiffFile>> TiffFile::open(std::string_view bytes, uint32_t max_pages,
                                                 const PictureBudget& budget) {
  std::unique_ptr<TiffFile> file(new TiffFile(bytes, budget));
  std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                       TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(budget.bytes));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), note_complaint, file.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
  file->tiff_ =
      TIFFClientOpenExt("document", "r", file.get(), read_bytes, write_nothing, seek, close_nothing,
                        size_of, lend_mapping, keep_mapping, options.get());
  auto damaged = [&file] {
    return Error{ErrorCode::kDamaged, "the TIFF cannot be read: " + file->complaint, ""};
  };
  if (file->tiff_ == nullptr) return damaged();
  do {
    uint32_t kind = 0;
    TIFFGetField(file->tiff_, TIFFTAG_SUBFILETYPE, &kind);
    if ((kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0) continue;
    file->offsets_.push_back(TIFFCurrentDirOffset(file->tiff_));
    if (file->offsets_.size() > max_pages) {
      return Error{ErrorCode::kTooManyPages,
                   "the document has more than " + std::to_string(max_pages) + " pages",
                   "raise limits.max_pages"};
    }
  } while (TIFFReadDirectory(file->tiff_) == 1);
  if (file->offsets_.empty()) return damaged();
  return file;
}

TiffFile::~TiffFile() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
}

Result<Picture> TiffFile::page(uint32_t number) {
  complaint.clear();
  Result<Picture> picture = [&]() -> Result<Picture> {
    if (number == 0 || number > pages() || TIFFSetSubDirectory(tiff_, offsets_[number - 1]) == 0)
      return Error{ErrorCode::kPageFailed, "it cannot be read: " + complaint, ""};
    return stored_pixels();
  }();
  if (!picture) {
    Error error = picture.error();
    error.message = "page " + std::to_string(number) + ": " + error.message;
    return error;
  }
  read_resolution(tiff_, *picture);
  return upright(std::move(*picture), field(tiff_, TIFFTAG_ORIENTATION));
}

Result<Picture> TiffFile::stored_pixels() {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff_, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff_, TIFFTAG_IMAGELENGTH, &height);
  const int bits = field(tiff_, TIFFTAG_BITSPERSAMPLE);
  const uint16_t colours = field(tiff_, TIFFTAG_PHOTOMETRIC);
  const bool grey = field(tiff_, TIFFTAG_SAMPLESPERPIXEL) == 1 &&
                    (colours == PHOTOMETRIC_MINISWHITE || colours == PHOTOMETRIC_MINISBLACK);
  const bool by_rows = grey && (bits == 1 || bits == 8) && TIFFIsTiled(tiff_) == 0;
  // What is not read row by row comes as R, G, B, A.
  Status fits = budget_.allows(width, height, by_rows ? 1 : 7);
  if (!fits) return fits.error();
  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.channels = grey ? 1 : 3;
  picture.pixels.assign(size_t{width} * height * picture.channels, 255);
  Status read = by_rows ? read_rows(picture, bits, colours == PHOTOMETRIC_MINISWHITE)
                        : read_any(picture, field(tiff_, TIFFTAG_ORIENTATION));
  if (!read) return read.error();
  return picture;
}

// What of a damaged picture cannot be read stays white.
Status TiffFile::read_rows(Picture& picture, int bits, bool white_is_zero) {
  const tmsize_t row_bytes = TIFFScanlineSize(tiff_);
  const tmsize_t needed = (static_cast<tmsize_t>(picture.width) * bits + 7) / 8;
  if (row_bytes < needed)
    return Error{ErrorCode::kPageFailed, "its rows are too short: " + complaint, ""};
  std::vector<uint8_t> row(static_cast<size_t>(row_bytes));
  const uint8_t flip = white_is_zero ? 255 : 0;
  for (int y = 0; y < picture.height; ++y) {
    if (TIFFReadScanline(tiff_, row.data(), static_cast<uint32_t>(y), 0) != 1) {
      if (y == 0)
        return Error{ErrorCode::kPageFailed, "its pixels cannot be read: " + complaint, ""};
      picture.problem = "only " + std::to_string(y) + " of " + std::to_string(picture.height) +
                        " rows of the picture can be read";
      return Ok{};
    }
    uint8_t* to = picture.pixels.data() + static_cast<size_t>(y) * picture.width;
    for (int x = 0; x < picture.width; ++x) {
      const uint8_t value = bits == 8 ? row[x] : (row[x >> 3] >> (7 - (x & 7))) & 1 ? 255 : 0;
      to[x] = value ^ flip;
    }
  }
  return Ok{};
}

Status TiffFile::read_any(Picture& picture, int orientation) {
  std::vector<uint32_t> raster(static_cast<size_t>(picture.width) * picture.height);
  // Asked for as they are stored, so that nothing is mirrored twice.
  if (TIFFReadRGBAImageOriented(tiff_, static_cast<uint32_t>(picture.width),
                                static_cast<uint32_t>(picture.height), raster.data(), orientation,
                                0) != 1)
    return Error{ErrorCode::kPageFailed, "its pixels cannot be read: " + complaint, ""};
  if (!complaint.empty()) picture.problem = "the TIFF is damaged: " + complaint;
  uint8_t* to = picture.pixels.data();
  for (const uint32_t pixel : raster) {
    // Colours are multiplied by how opaque they are.
    const uint32_t paper = 255 - TIFFGetA(pixel);
    const uint32_t rgb[3] = {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)};
    for (int c = 0; c < picture.channels; ++c)
      *to++ = static_cast<uint8_t>(std::min<uint32_t>(255, rgb[c] + paper));
  }
  return Ok{};
}

}  // namespace pdf2md::reader
