// TIFF files: several pages, and what scanners and fax machines write (ITU-T T.4 and T.6 among it).
#pragma once

#include <memory>

#include "daemon/reader/picture.h"

typedef struct tiff TIFF;

namespace pdf2md::reader {

class TiffFile {
 public:
  // bytes must live as long as this. Thumbnails and masks are no pages. Errors: kDamaged,
  // kTooManyPages.
  static Result<std::unique_ptr<TiffFile>> open(std::string_view bytes, uint32_t max_pages,
                                                const PictureBudget& budget);
  ~TiffFile();

  uint32_t pages() const { return static_cast<uint32_t>(offsets_.size()); }
  // 1-based; upright. Errors: kPageFailed, kPageTooLarge.
  Result<Picture> page(uint32_t number);

  // For libtiff's callbacks.
  std::string_view bytes() const { return bytes_; }
  uint64_t position = 0;
  std::string complaint;

 private:
  TiffFile(std::string_view bytes, const PictureBudget& budget) : bytes_(bytes), budget_(budget) {}
  Result<Picture> stored_pixels();
  Status read_rows(Picture& picture, int bits, bool white_is_zero);
  Status read_any(Picture& picture, int orientation);

  std::string_view bytes_;
  PictureBudget budget_;
  std::vector<uint64_t> offsets_;  // of the pages' directories
  TIFF* tiff_ = nullptr;
};

}  // namespace pdf2md::reader
