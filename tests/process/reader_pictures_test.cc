// Pictures as documents: what type they are is told by their bytes, and hostile ones cost nothing but
// themselves.
#include <png.h>
#include <tiffio.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <catch2/catch.hpp>

#include "tests/process/reader_fixture.h"

namespace pdf2md::test {
namespace {

using worker::MappedRaster;

// White, with the left upper quarter in `ink`. channels: 1, 3 or 4.
struct Sheet {
  int width = 200, height = 100, channels = 3;
  std::vector<uint8_t> pixels;
  Sheet(int width, int height, int channels, std::vector<uint8_t> ink)
      : width(width), height(height), channels(channels) {
    pixels.assign(static_cast<size_t>(width) * height * channels, 255);
    for (int y = 0; y < height / 2; ++y)
      for (int x = 0; x < width / 2; ++x)
        for (int c = 0; c < channels; ++c)
          pixels[(static_cast<size_t>(y) * width + x) * channels + c] = ink[c];
  }
};

std::string png_of(const Sheet& sheet) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<uint32_t>(sheet.width);
  image.height = static_cast<uint32_t>(sheet.height);
  image.format = sheet.channels == 1   ? PNG_FORMAT_GRAY
                 : sheet.channels == 3 ? PNG_FORMAT_RGB
                                       : PNG_FORMAT_RGBA;
  std::string out(1 << 20, '\0');
  size_t bytes = out.size();
  REQUIRE(png_image_write_to_memory(&image, out.data(), &bytes, 0, sheet.pixels.data(), 0,
                                    nullptr) != 0);
  out.resize(bytes);
  return out;
}

std::string jpeg_of(const Sheet& sheet) {
  tjhandle encoder = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long count = 0;
  REQUIRE(tjCompress2(encoder, sheet.pixels.data(), sheet.width, 0, sheet.height, TJPF_RGB, &bytes,
                      &count, TJSAMP_444, 95, 0) == 0);
  std::string out(reinterpret_cast<char*>(bytes), count);
  tjFree(bytes);
  tjDestroy(encoder);
  return out;
}

std::string webp_of(const Sheet& sheet) {
  uint8_t* bytes = nullptr;
  const size_t count = WebPEncodeLosslessRGBA(sheet.pixels.data(), sheet.width, sheet.height,
                                              sheet.width * 4, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), count);
  WebPFree(bytes);
  return out;
}

struct TiffPage {
  uint16_t bits = 8, channels = 1, compression = COMPRESSION_NONE, orientation = 1;
  float dpi_x = 0, dpi_y = 0;
  uint32_t kind = 0;
  uint8_t filling = 255;
};

std::string tiff_of(const std::vector<TiffPage>& pages, uint32_t width, uint32_t height) {
  char name[] = "/tmp/pdf2md-test-XXXXXX.tif";
  ::close(::mkstemps(name, 4));
  TIFF* tiff = TIFFOpen(name, "w");
  for (const TiffPage& page : pages) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.channels);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
                 page.bits == 1       ? PHOTOMETRIC_MINISWHITE
                 : page.channels == 1 ? PHOTOMETRIC_MINISBLACK
                                      : PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, page.orientation);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, page.kind);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height);
    if (page.dpi_x > 0) {
      TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
      TIFFSetField(tiff, TIFFTAG_XRESOLUTION, page.dpi_x);
      TIFFSetField(tiff, TIFFTAG_YRESOLUTION, page.dpi_y);
    }
    std::vector<uint8_t> row((width * page.bits * page.channels + 7) / 8, page.filling);
    for (uint32_t y = 0; y < height; ++y) {
      // The upper half is ink on its left half.
      std::vector<uint8_t> shown = row;
      const uint8_t ink = page.bits == 1 ? 0xFF : 0;
      if (y < height / 2) std::fill(shown.begin(), shown.begin() + shown.size() / 2, ink);
      TIFFWriteScanline(tiff, shown.data(), y, 0);
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  Result<std::string> bytes = read_file(name, 1 << 24);
  ::unlink(name);
  REQUIRE(bytes);
  return *bytes;
}

MappedRaster rendered(OpenReader& reader, uint32_t page, double dpi, bool grey) {
  Result<MappedRaster> raster = reader.client.render(page, dpi, grey, {}, kTimeoutMs);
  if (!raster) FAIL(to_string(raster.error()));
  return std::move(*raster);
}

int at(const MappedRaster& raster, double x, double y, int channel = 0) {
  const int column = static_cast<int>(x * raster.width());
  const int row = static_cast<int>(y * raster.height());
  return raster.pixels()[row * raster.stride() + column * raster.channels() + channel];
}

TEST_CASE("a PNG, JPEG or WebP picture is a document of one page") {
  const Sheet sheet(200, 100, 3, {200, 0, 0});
  const Sheet transparent(200, 100, 4, {0, 0, 0, 0});
  struct Case {
    const char* type;
    std::string bytes;
    int red;
  };
  const Case cases[] = {{"png", png_of(sheet), 200},
                        {"jpeg", jpeg_of(sheet), 200},
                        {"png", png_of(transparent), 255},
                        {"webp", webp_of(transparent), 255}};
  for (const Case& one : cases) {
    INFO(one.type);
    OpenReader reader(one.bytes);
    REQUIRE(reader.info);
    CHECK(reader.info->type == one.type);
    CHECK(reader.info->pages == 1);
    const document::PageContent content = reader.page(1);
    // A small picture without a resolution is what a screen shows.
    CHECK(content.width_pt == Approx(150));
    CHECK(content.height_pt == Approx(75));
    REQUIRE(content.images.size() == 1);
    CHECK(content.images[0].width_px == 200);
    CHECK(content.images[0].box.x1 == Approx(150));
    const MappedRaster raster = rendered(reader, 1, 96, false);
    CHECK(raster.width() == 200);
    CHECK(raster.height() == 100);
    CHECK(std::abs(at(raster, 0.25, 0.25) - one.red) < 6);
    CHECK(at(raster, 0.75, 0.75) > 250);
  }
}

TEST_CASE("a grey raster of a colour picture is its luminance") {
  OpenReader reader(png_of(Sheet(200, 100, 3, {200, 100, 50})));
  const MappedRaster raster = rendered(reader, 1, 96, true);
  CHECK(raster.channels() == 1);
  CHECK(std::abs(at(raster, 0.25, 0.25) - 124) <= 1);
}

TEST_CASE("a TIFF has as many pages as directories that are pages") {
  TiffPage fax{1, 1, COMPRESSION_CCITTFAX4, 1, 204, 98, 0, 0};
  TiffPage colour{8, 3, COMPRESSION_ADOBE_DEFLATE, 1, 300, 300, 0, 255};
  TiffPage thumbnail = colour;
  thumbnail.kind = FILETYPE_REDUCEDIMAGE;
  OpenReader reader(tiff_of({fax, thumbnail, colour}, 1632, 980));
  REQUIRE(reader.info);
  CHECK(reader.info->type == "tiff");
  CHECK(reader.info->pages == 2);
  // The pixels of a fax are not square.
  CHECK(reader.page(1).width_pt == Approx(576));
  CHECK(reader.page(1).height_pt == Approx(720));
  CHECK(reader.page(2).width_pt == Approx(391.68));
  for (uint32_t page : {1u, 2u}) {
    const MappedRaster raster = rendered(reader, page, 72, true);
    CHECK(at(raster, 0.25, 0.25) == 0);
    CHECK(at(raster, 0.75, 0.25) == 255);
    CHECK(at(raster, 0.25, 0.75) == 255);
  }
}

TEST_CASE("a picture that lies on its side is turned as its header says") {
  for (uint16_t channels : {1, 3}) {
    INFO(channels);
    // 6: what is stored at the left stands at the top, what is stored at the top at the right.
    OpenReader reader(tiff_of({{8, channels, COMPRESSION_NONE, 6, 200, 100}}, 400, 100));
    const document::PageContent content = reader.page(1);
    CHECK(content.width_pt == Approx(72));
    CHECK(content.height_pt == Approx(144));
    const MappedRaster raster = rendered(reader, 1, 100, true);
    CHECK(at(raster, 0.75, 0.25) == 0);
    CHECK(at(raster, 0.25, 0.25) == 255);
    CHECK(at(raster, 0.75, 0.75) == 255);
  }
}

TEST_CASE("a part of a picture is rendered as it lies on the page") {
  OpenReader reader(png_of(Sheet(200, 100, 1, {0})));
  Result<MappedRaster> raster =
      reader.client.render(1, 96, true, document::Box{37.5, 18.75, 112.5, 56.25}, kTimeoutMs);
  REQUIRE(raster);
  CHECK(raster->width() == 100);
  CHECK(raster->height() == 50);
  CHECK(at(*raster, 0.25, 0.25) == 0);
  CHECK(at(*raster, 0.75, 0.25) == 255);
  CHECK(at(*raster, 0.25, 0.75) == 255);
}

TEST_CASE("pictures that are damaged are said to be") {
  const std::string png = png_of(Sheet(200, 100, 3, {1, 2, 3}));
  CHECK(OpenReader(png.substr(0, png.size() / 2)).code() == ErrorCode::kDamaged);
  CHECK(OpenReader("\x89PNG\r\n\x1A\n....................").code() == ErrorCode::kDamaged);
  CHECK(OpenReader(std::string("\xFF\xD8\xFF\xE0", 4)).code() == ErrorCode::kDamaged);
  CHECK(OpenReader(std::string("II*\0\xFF\xFF\xFF\x7F", 8)).code() == ErrorCode::kDamaged);
  CHECK(OpenReader(std::string("RIFF\x10\0\0\0WEBPVP8 ", 16)).code() == ErrorCode::kDamaged);
  SECTION("a JPEG that ends early shows what there is") {
    const std::string jpeg = jpeg_of(Sheet(200, 100, 3, {200, 0, 0}));
    OpenReader reader(jpeg.substr(0, jpeg.size() - 200));
    REQUIRE(reader.info);
    CHECK(reader.info->damage.find("JPEG") != std::string::npos);
    CHECK(at(rendered(reader, 1, 96, false), 0.1, 0.05) > 180);
  }
  SECTION("a page of a TIFF that is lost does not cost the others") {
    std::string tiff =
        tiff_of({{8, 1, COMPRESSION_ADOBE_DEFLATE}, {8, 1, COMPRESSION_ADOBE_DEFLATE}}, 500, 50);
    const size_t second = tiff.rfind("\x78\x9C");
    REQUIRE(second != std::string::npos);
    tiff[second] = 'X';
    OpenReader reader(tiff);
    REQUIRE(reader.info);
    CHECK(reader.page(1).images.size() == 1);
    Result<document::PageContent> lost = reader.client.read_page(2, kTimeoutMs);
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == ErrorCode::kPageFailed);
    CHECK(reader.client.running());
  }
}

TEST_CASE("a small file that would fill the memory is refused") {
  proto::DocumentLimits limits;
  limits.reader_memory_bytes = 300 << 20;
  // The header alone says that it is large.
  std::string png = png_of(Sheet(200, 100, 3, {1, 2, 3}));
  png.replace(16, 8, std::string("\0\0\x75\x30\0\0\x75\x30", 8));  // 30,000 × 30,000
  // Its checksum, so that libpng believes it (PNG, 5.5; CRC of "IHDR" and these 13 bytes).
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<uint8_t>(png[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  for (int i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(~crc >> (24 - 8 * i));
  OpenReader reader(png, {}, limits);
  CHECK(reader.code() == ErrorCode::kPageTooLarge);
  CHECK(reader.client.running());

  TiffPage page{1, 1, COMPRESSION_CCITTFAX4, 1, 300, 300, 0, 0};
  OpenReader fax(tiff_of({page, page}, 20000, 6000), {}, limits);
  REQUIRE(fax.info);  // its pages are opened one by one
  Result<document::PageContent> content = fax.client.read_page(1, kTimeoutMs);
  REQUIRE_FALSE(content);
  CHECK(content.error().code == ErrorCode::kPageTooLarge);

  limits = {};
  limits.max_pages = 1;
  CHECK(OpenReader(tiff_of({page, page}, 100, 100), {}, limits).code() == ErrorCode::kTooManyPages);
}

}  // namespace
}  // namespace pdf2md::test
