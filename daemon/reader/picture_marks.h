// Orientation and resolution in the headers of JPEG, PNG and WebP files. (TIFF's come with its
// pixels: picture_tiff.h.)
#pragma once

#include "daemon/reader/picture.h"

namespace pdf2md::reader {

// What is not there, or not valid, keeps its default.
PictureMarks marks_of(FileKind kind, std::string_view file);

// From the TIFF structure that an EXIF block is (EXIF 2.3, 4.6), without the "Exif\0\0" before it.
void read_exif(std::string_view exif, PictureMarks& marks);

}  // namespace pdf2md::reader
