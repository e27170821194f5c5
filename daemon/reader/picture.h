// A picture, decoded: page images that come as files of their own, and figures of books.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/reader/file_type.h"
#include "proto/result.h"

namespace pdf2md::reader {

struct Picture {
  int width = 0, height = 0;
  int channels = 1;             // 1: grey; 3: R, G, B
  std::vector<uint8_t> pixels;  // rows without gaps; transparent parts are on white
  double dpi_x = 0, dpi_y = 0;  // as the file says; 0: it does not
  std::string problem;          // what is wrong with it, where it could be decoded all the same
};

// What stands in a file's header beside the pixels.
struct PictureMarks {
  int orientation = 1;  // as EXIF counts: 1 upright, 6 to be turned 90° clockwise, ...
  double dpi_x = 0, dpi_y = 0;
};

// Memory for a picture's pixels, above which it is refused before anything is allocated.
struct PictureBudget {
  uint64_t bytes = 0;
  // Errors: kPageTooLarge.
  Status allows(uint64_t width, uint64_t height, uint64_t bytes_per_pixel) const;
};

// A picture of one page, upright as its marks say. Errors: kDamaged, kUnsupportedType, kPageTooLarge.
Result<Picture> decode_picture(FileKind kind, std::string_view file, const PictureBudget& budget);

// The decoders: pixels as they are stored.
Result<Picture> decode_jpeg(std::string_view file, const PictureBudget& budget);
Result<Picture> decode_png(std::string_view file, const PictureBudget& budget);
Result<Picture> decode_webp(std::string_view file, const PictureBudget& budget);

// Turned and mirrored so that it is upright. Resolutions go along.
Picture upright(Picture picture, int orientation);

// The size of a picture as a page. Resolutions below 100 dpi are mostly defaults of programs and
// cameras: they are believed where the page comes out no longer than A2. Otherwise the longer side
// is taken for that of A4, or, of small pictures, for what a screen shows.
struct PageSize {
  double width_pt = 0, height_pt = 0;
};
PageSize page_size_of(const Picture& picture, double max_side_pt);

}  // namespace pdf2md::reader
