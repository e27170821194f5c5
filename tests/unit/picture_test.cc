#include "daemon/reader/picture.h"

#include <catch2/catch.hpp>

#include "daemon/reader/picture_marks.h"

namespace pdf2md::reader {
namespace {

using namespace std::string_view_literals;

// 3 × 2 pixels: 1 2 3 / 4 5 6.
Picture numbers() {
  Picture picture;
  picture.width = 3;
  picture.height = 2;
  picture.pixels = {1, 2, 3, 4, 5, 6};
  picture.dpi_x = 300;
  picture.dpi_y = 150;
  return picture;
}

TEST_CASE("the eight orientations of EXIF") {
  const std::vector<uint8_t> wanted[] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                                         {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                                         {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO(orientation);
    const Picture turned = upright(numbers(), orientation);
    CHECK(turned.pixels == wanted[orientation - 1]);
    CHECK(turned.width == (orientation < 5 ? 3 : 2));
    CHECK(turned.dpi_x == (orientation < 5 ? 300 : 150));
  }
  CHECK(upright(numbers(), 0).pixels == numbers().pixels);
  CHECK(upright(numbers(), 9).pixels == numbers().pixels);
}

TEST_CASE("orientation and resolution are read from an EXIF block") {
  // Little-endian: two entries, then 300/1 twice.
  const std::string_view exif =
      "II*\0\x08\0\0\0"
      "\x03\0"
      "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
      "\x1A\x01\x05\0\x01\0\0\0\x32\0\0\0"
      "\x1B\x01\x05\0\x01\0\0\0\x32\0\0\0"
      "\0\0\0\0"
      "\x2C\x01\0\0\x01\0\0\0"sv;
  PictureMarks marks;
  read_exif(exif, marks);
  CHECK(marks.orientation == 6);
  CHECK(marks.dpi_x == 300);
  CHECK(marks.dpi_y == 300);
  // Cut off anywhere it says less, and nothing else happens.
  for (size_t length = 0; length < exif.size(); ++length) {
    PictureMarks some;
    read_exif(exif.substr(0, length), some);
    CHECK((some.orientation == 1 || some.orientation == 6));
  }
}

TEST_CASE("resolutions of JPEG and PNG headers") {
  const std::string_view jpeg =
      "\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\x02\0\x64\0\x64\0\0\xFF\xDA\0\x02"sv;
  CHECK(marks_of(FileKind::kJpeg, jpeg).dpi_x == Approx(254));  // 100 a centimetre
  const std::string_view png =
      "\x89PNG\r\n\x1A\n\0\0\0\x09pHYs\0\0\x2E\x23\0\0\x2E\x23\x01????\0\0\0\0IDAT????"sv;
  CHECK(marks_of(FileKind::kPng, png).dpi_x == Approx(300).epsilon(0.001));
}

TEST_CASE("the size of a page") {
  Picture picture;
  picture.width = 2480;
  picture.height = 3508;
  SECTION("as a scanner says") {
    picture.dpi_x = picture.dpi_y = 300;
    CHECK(page_size_of(picture, 14400).width_pt == Approx(595.2));
  }
  SECTION("a camera's 72 dpi would make a poster of it") {
    picture.dpi_x = picture.dpi_y = 72;
    CHECK(page_size_of(picture, 14400).height_pt == Approx(842));
  }
  SECTION("a plan of 200 dpi is large") {
    picture.width = 9000;
    picture.dpi_x = picture.dpi_y = 200;
    CHECK(page_size_of(picture, 14400).width_pt == Approx(3240));
    CHECK(page_size_of(picture, 2000).width_pt == Approx(842));
  }
  SECTION("nothing is said") {
    CHECK(page_size_of(picture, 14400).height_pt == Approx(842));
    picture.width = 960;
    picture.height = 480;
    CHECK(page_size_of(picture, 14400).width_pt == Approx(720));
  }
}

TEST_CASE("the type of a file is told by its first bytes") {
  CHECK(file_type("%PDF-1.7\n").kind == FileKind::kPdf);
  CHECK(file_type("noise %PDF-1.7\n").kind == FileKind::kPdf);
  CHECK(file_type("\x89PNG\r\n\x1A\n made from %PDF-1.4"sv).kind == FileKind::kPng);
  CHECK(file_type("MM\0*\0\0\0\x08"sv).kind == FileKind::kTiff);
  CHECK(file_type("RIFF\x10\0\0\0WEBPVP8X"sv).kind == FileKind::kWebp);
  CHECK(file_type("RIFF\x10\0\0\0WAVEfmt "sv).kind == FileKind::kUnknown);
  const FileType word = file_type("PK\x03\x04..........................word/document.xml"sv);
  CHECK(word.seems_to_be == "a Microsoft Word document");
  CHECK(word.advice.find("PDF") != std::string::npos);
  CHECK(file_type("\0\0\0\x18"
                  "ftypheic"sv)
            .seems_to_be == "a HEIC image");
}

}  // namespace
}  // namespace pdf2md::reader
