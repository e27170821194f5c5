// Pages of images are drawn without the rasteriser: they have to look as if it had drawn them.
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>

#include "tests/process/reader_fixture.h"

// Needs FILE and size_t from before.
#include <jpeglib.h>

using namespace pdf2md;
using namespace pdf2md::test;

namespace {

using worker::MappedRaster;

// Soft shapes, so that another way of averaging shows little, and no symmetry, so that another place
// or turn shows much.
int grey_at(int x, int y, int width, int height) {
  double u = static_cast<double>(x) / width, v = static_cast<double>(y) / height;
  bool corner = u < 0.3 && v<0.2, bar = u> 0.6 && u<0.7, foot = v> 0.8 && u < 0.5;
  return corner ? 20 : bar ? 90 : foot ? 170 : 240 - static_cast<int>(60 * u * v);
}

std::string samples(int width, int height, int bits, int components) {
  std::string out;
  for (int y = 0; y < height; ++y) {
    uint32_t held = 0;
    int count = 0;
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < components; ++c) {
        int value = grey_at(x, y, width, height);
        if (components == 3) value = c == 0 ? value : c == 1 ? 255 - value : value / 2;
        held = held << bits | static_cast<uint32_t>(value >> (8 - bits));
        count += bits;
        if (count == 8) {
          out.push_back(static_cast<char>(held));
          held = 0;
          count = 0;
        }
      }
    }
    if (count > 0) out.push_back(static_cast<char>(held << (8 - count)));
  }
  return out;
}

std::string jpeg(int width, int height, int components, bool progressive = false) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &bytes, &size);
  encoder.image_width = static_cast<JDIMENSION>(width);
  encoder.image_height = static_cast<JDIMENSION>(height);
  encoder.input_components = components;
  encoder.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  if (progressive) jpeg_simple_progression(&encoder);
  jpeg_start_compress(&encoder, TRUE);
  std::string pixels = samples(width, height, 8, components);
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = reinterpret_cast<JSAMPROW>(pixels.data()) + size_t(y) * width * components;
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  std::string out(reinterpret_cast<char*>(bytes), size);
  jpeg_destroy_compress(&encoder);
  std::free(bytes);
  return out;
}

struct Scan {
  std::string dictionary;
  std::string data;
  std::string content = "q 200 0 0 300 0 0 cm /Im1 Do Q";
  std::string page = "";  // further entries of the page
};

constexpr const char* kSheet = "0 0 200 300";

Scan image(int width, int height, const std::string& entries, const std::string& data) {
  return {"/Type /XObject /Subtype /Image /Width " + std::to_string(width) + " /Height " +
              std::to_string(height) + " " + entries,
          data};
}
Scan grey_scan(int width, int height) {
  return image(width, height, "/BitsPerComponent 8 /ColorSpace /DeviceGray",
               samples(width, height, 8, 1));
}

// Page 1 is the scan; page 2 has a dot as well, as large as a full stop, which only the rasteriser
// can draw.
std::string document_of(const Scan& scan) {
  PdfBuilder builder;
  builder.page(PdfPage{scan.content, kSheet, scan.page});
  builder.page(PdfPage{scan.content + " 0 g 0 0 1 1 re f", kSheet, scan.page});
  int number = builder.add_stream(scan.dictionary, scan.data);
  return builder.xobjects("/Im1 " + std::to_string(number) + " 0 R").build();
}

struct Difference {
  double mean = 0;  // of the pixels' absolute differences
  int darkest = 255;
};

Difference difference(const Scan& scan, double dpi, bool grey, const document::Box& part = {}) {
  OpenReader reader(document_of(scan));
  Result<MappedRaster> ours = reader.client.render(1, dpi, grey, part, kTimeoutMs);
  Result<MappedRaster> poppler = reader.client.render(2, dpi, grey, part, kTimeoutMs);
  REQUIRE(ours);
  REQUIRE(poppler);
  REQUIRE(ours->width() == poppler->width());
  REQUIRE(ours->height() == poppler->height());
  REQUIRE(ours->channels() == poppler->channels());
  Difference out;
  for (int y = 0; y < ours->height(); ++y) {
    for (int x = 0; x < ours->width() * ours->channels(); ++x) {
      int a = ours->pixels()[static_cast<ptrdiff_t>(y) * ours->stride() + x];
      int b = poppler->pixels()[static_cast<ptrdiff_t>(y) * poppler->stride() + x];
      out.mean += std::abs(a - b);
      out.darkest = std::min(out.darkest, a);
    }
  }
  out.mean /= static_cast<double>(ours->width()) * ours->channels() * ours->height();
  return out;
}

// The fewer pixels, the more of them are edges, which another way of averaging changes.
double scaled_to(double dpi, double worst) {
  return worst * std::max(1.0, 150 / dpi);
}

void check_same(const Scan& scan, double worst = 1.0) {
  for (double dpi : {40.0, 72.0, 100.0, 200.0}) {
    for (bool grey : {true, false}) {
      CAPTURE(scan.dictionary, scan.content, scan.page, dpi, grey);
      Difference found = difference(scan, dpi, grey);
      CHECK(found.mean < scaled_to(dpi, worst));
      CHECK(found.darkest < 200);  // something was drawn
    }
  }
}

}  // namespace

TEST_CASE("scans of every depth and colour look as the rasteriser draws them") {
  const int w = 331, h = 502;
  check_same(grey_scan(w, h));
  check_same(image(w, h, "/BitsPerComponent 1 /ColorSpace /DeviceGray", samples(w, h, 1, 1)), 1.5);
  check_same(
      image(w, h, "/BitsPerComponent 1 /ColorSpace /DeviceGray /Decode [1 0]", samples(w, h, 1, 1)),
      1.5);
  check_same(image(w, h, "/BitsPerComponent 2 /ColorSpace /DeviceGray", samples(w, h, 2, 1)));
  check_same(image(w, h, "/BitsPerComponent 4 /ColorSpace /DeviceGray", samples(w, h, 4, 1)));
  check_same(image(w, h, "/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceRGB 1 <0000ff ffe0c0>]",
                   samples(w, h, 1, 1)),
             1.5);
  check_same(image(w, h,
                   "/BitsPerComponent 2 /ColorSpace [/Indexed /DeviceRGB 3 <ff0000 00ff00 404040 "
                   "ffffff>]",
                   samples(w, h, 2, 1)),
             1.5);
  check_same(image(w, h, "/BitsPerComponent 8 /ColorSpace /DeviceRGB", samples(w, h, 8, 3)));
  check_same(image(w, h, "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Decode [1 0 1 0 1 0]",
                   samples(w, h, 8, 3)));
}

TEST_CASE("JPEGs look as the rasteriser draws them, at every scale") {
  check_same(image(331, 502, "/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode",
                   jpeg(331, 502, 1)));
  check_same(image(331, 502, "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode",
                   jpeg(331, 502, 3)));
  check_same(image(331, 502, "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode",
                   jpeg(331, 502, 3, true)));
  check_same(image(1200, 1801,
                   "/BitsPerComponent 8 /ColorSpace /DeviceGray /Decode [1 0] /Filter /DCTDecode",
                   jpeg(1200, 1801, 1)));
  check_same(image(1200, 1801, "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode",
                   jpeg(1200, 1801, 3)));
}

TEST_CASE("stencils are painted in their ink") {
  Scan stencil = image(331, 502, "/ImageMask true", samples(331, 502, 1, 1));
  stencil.content = "0.2 0.4 0 rg q 200 0 0 300 0 0 cm /Im1 Do Q";
  check_same(stencil, 1.5);
  Scan inverted = image(331, 502, "/ImageMask true /Decode [1 0]", samples(331, 502, 1, 1));
  check_same(inverted, 1.5);
  // A second one over the first, and beside it.
  stencil.content =
      "0.2 0.4 0 rg q 200 0 0 300 0 0 cm /Im1 Do Q 1 0 0 rg q 150 0 0 150 20 100 cm /Im1 Do Q";
  check_same(stencil, 2.0);
}

TEST_CASE("images lie where and how the page puts them") {
  Scan scan = grey_scan(331, 502);
  for (const char* matrix :
       {"200 0 0 300 0 0", "-200 0 0 300 200 0", "200 0 0 -300 0 300", "-200 0 0 -300 200 300",
        "0 300 -200 0 200 0", "0 -300 200 0 0 300", "0 300 200 0 0 0", "0 -300 -200 0 200 300",
        "120 0 0 90 33.3 71.7", "0 120 -90 0 150.5 20.2", "260 0 0 390 -30 -40"}) {
    for (const char* page : {"", "/Rotate 90", "/Rotate 180", "/Rotate 270"}) {
      scan.content = std::string("q ") + matrix + " cm /Im1 Do Q";
      scan.page = page;
      for (double dpi : {72.0, 150.0}) {
        CAPTURE(matrix, page, dpi);
        CHECK(difference(scan, dpi, true).mean < scaled_to(dpi, 1.0));
        CHECK(difference(scan, dpi, false, {20, 30, 170, 99}).mean < scaled_to(dpi, 1.0));
      }
    }
  }
}

TEST_CASE("clips, paper and strips") {
  Scan scan = grey_scan(331, 502);
  scan.content = "1 g 0 0 200 300 re f q 20 30 120 200 re W n 200 0 0 300 0 0 cm /Im1 Do Q";
  check_same(scan);
  scan.content = "q 200 0 0 150 0 150 cm /Im1 Do Q q 200 0 0 150 0 0 cm /Im1 Do Q";
  check_same(scan);
  scan.content = "BT 3 Tr /F1 12 Tf 20 200 Td (unseen) Tj ET q 200 0 0 300 0 0 cm /Im1 Do Q";
  check_same(scan);
  scan.page = "/CropBox [13 17 190 280]";
  check_same(scan);
}

TEST_CASE("what only the rasteriser can draw is drawn by it") {
  Scan scan = grey_scan(331, 502);
  auto same = [&](const char* content) {
    CAPTURE(content);
    scan.content = content;
    CHECK(difference(scan, 100, true).mean < 0.1);
  };
  same("q 200 0 0 300 0 0 cm /Im1 Do Q BT /F1 40 Tf 20 200 Td (seen) Tj ET");
  same("BT /F1 40 Tf 20 200 Td (seen) Tj ET q 100 0 0 100 0 0 cm /Im1 Do Q");
  same("q 100 150 m 200 300 l 0 300 l h W n 200 0 0 300 0 0 cm /Im1 Do Q");
  same("q 180 40 -40 280 20 0 cm /Im1 Do Q");
  same("q 200 0 0 300 0 0 cm /Im1 Do Q 1 g 50 50 50 50 re f");
  same("q 200 0 0 300 0 0 cm /Im1 Do Q 5 w 10 10 m 190 290 l S");
  same("q 200 0 0 300 0 0 cm /Im1 Do Q q 50 0 0 50 9 9 cm BI /W 1 /H 1 /CS /G /BPC 8 ID 0 EI Q");
}

TEST_CASE("an empty page is white") {
  OpenReader reader(PdfBuilder().page(PdfPage{"", "0 0 20 20", ""}).build());
  Result<MappedRaster> raster = reader.client.render(1, 72, true, {}, kTimeoutMs);
  REQUIRE(raster);
  for (int i = 0; i < 400; ++i) REQUIRE(raster->pixels()[i] == 255);
}

TEST_CASE("damaged and lying images are what the rasteriser makes of them") {
  std::string good = jpeg(331, 502, 1);
  const std::string entries = "/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode";
  auto same = [&](const Scan& scan) {
    CAPTURE(scan.dictionary);
    CHECK(difference(scan, 100, true).mean < 0.1);
  };
  same(image(331, 502, entries, good.substr(0, good.size() / 2)));
  same(image(331, 502, entries, "no JPEG at all"));
  same(image(400, 300, entries, good));
  same(image(331, 502, "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode", good));
  same(image(331, 502, entries, jpeg(331, 502, 3)));
  std::string flipped = good;
  for (size_t i = flipped.size() / 3; i < flipped.size() / 3 + 40; ++i) flipped[i] ^= 0x5A;
  same(image(331, 502, entries, flipped));
  // Bytes in front of it, and no mark at its end, are no damage.
  Scan padded = image(331, 502, entries, "\n\n" + good.substr(0, good.size() - 2));
  CHECK(difference(padded, 100, true).mean < scaled_to(100, 1.0));
  // Samples that are missing.
  same(image(331, 502, "/BitsPerComponent 8 /ColorSpace /DeviceGray", "abc"));
  Scan empty = image(20000, 20000, "/BitsPerComponent 1 /ColorSpace /DeviceGray", "abc");
  CHECK(difference(empty, 100, true).mean < scaled_to(100, 1.0));
  same(image(200000, 2, "/BitsPerComponent 1 /ColorSpace /DeviceGray", "abc"));
  same(image(2, 200000, "/BitsPerComponent 1 /ColorSpace /DeviceGray", "abc"));
  same(image(3, 4, "/BitsPerComponent 8 /ColorSpace /DeviceGray", "abcdefghijkl"));
}
