// Whole files of pictures, on arbitrary bytes: nothing may crash, run away, or take more memory than
// it is given.
#include "daemon/reader/file_type.h"
#include "daemon/reader/picture.h"
#include "daemon/reader/picture_tiff.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md::reader;
  constexpr uint32_t kMostPages = 8;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const PictureBudget budget{4 << 20};
  const FileKind kind = file_type(file).kind;
  if (kind != FileKind::kTiff) {
    pdf2md::Result<Picture> picture = decode_picture(kind, file, budget);
    if (picture) page_size_of(*picture, 14400);
    return 0;
  }
  pdf2md::Result<std::unique_ptr<TiffFile>> tiff = TiffFile::open(file, kMostPages, budget);
  for (uint32_t page = 1; tiff && page <= (*tiff)->pages(); ++page) {
    pdf2md::Result<Picture> picture = (*tiff)->page(page);
    if (picture) page_size_of(*picture, 14400);
  }
  return 0;
}
