#include "daemon/reader/image_rows.h"

#include <PDFDoc.h>
#include <Stream.h>
#include <XRef.h>

#include <algorithm>
#include <cstring>

#include "daemon/reader/fax_samples.h"
#include "daemon/reader/flate_samples.h"
#include "daemon/reader/jpeg_rows.h"

namespace pdf2md::reader {
namespace {

// What is kept of an image are some of its rows, and weights for each of its rows and columns.
constexpr int kMostPixelsASide = 100000;

// The image's stream, held as long as its samples are read.
class ImageStream {
 public:
  explicit ImageStream(Object object) : object_(std::move(object)) {}
  ~ImageStream() { (*this)->close(); }
  ImageStream(const ImageStream&) = delete;
  ImageStream& operator=(const ImageStream&) = delete;

  Stream* operator->() const { return object_.getStream(); }
  // What the outermost filter reads. Empty where that is not to be had.
  ByteSource compressed() const {
    Stream* stream = object_.getStream()->getNextStream();
    if (stream == nullptr) return {};
    stream->reset();
    return [stream](uint8_t* bytes, size_t most) {
      return static_cast<size_t>(std::max(0, stream->doGetChars(static_cast<int>(most), bytes)));
    };
  }
  // The outermost filter's.
  Object parameter(const char* name) const {
    Object parameters = object_.streamGetDict()->lookup("DecodeParms");
    if (parameters.isArray() && parameters.arrayGetLength() > 0)
      parameters = parameters.arrayGet(parameters.arrayGetLength() - 1);
    return parameters.isDict() ? parameters.dictLookup(name) : Object(objNull);
  }
  int number(const char* name, int otherwise) const {
    Object value = parameter(name);
    return value.isInt() ? value.getInt() : otherwise;
  }
  bool flag(const char* name) const {
    Object value = parameter(name);
    return value.isBool() && value.getBool();
  }

 private:
  Object object_;
};

// Samples as poppler decodes them, from any filter. A stream that ends early goes on in ones, as it
// does where poppler draws it.
class PopplerSamples : public Samples {
 public:
  PopplerSamples(const ImageStream& stream, size_t row_bytes)
      : stream_(stream), row_bytes_(row_bytes) {
    stream_->reset();
  }
  bool read(uint8_t* row) override {
    int most = static_cast<int>(row_bytes_);
    int count = std::max(0, stream_->doGetChars(most, row));
    std::memset(row + count, 0xFF, static_cast<size_t>(most - count));
    return true;
  }

 private:
  const ImageStream& stream_;
  size_t row_bytes_;
};

// What the samples of an image are, and how many bytes a row of them has.
struct Layout {
  int width, components, bits;
  size_t row_bytes() const { return (static_cast<size_t>(width) * components * bits + 7) / 8; }
};

std::unique_ptr<Samples> open_fax(const ImageStream& stream, const Layout& layout) {
  bool group4 = stream.number("K", 0) < 0 && !stream.flag("EndOfLine") &&
                !stream.flag("EncodedByteAlign") && layout.bits == 1 && layout.components == 1 &&
                stream.number("Columns", 1728) == layout.width;
  ByteSource bytes = group4 ? stream.compressed() : ByteSource();
  if (!bytes) return nullptr;
  return std::make_unique<FaxSamples>(std::move(bytes), layout.width, stream.flag("BlackIs1"));
}

std::unique_ptr<Samples> open_deflated(const ImageStream& stream, const Layout& layout) {
  const int number = stream.number("Predictor", 1);
  Predictor predictor = number >= 10  ? Predictor::kPng
                        : number == 2 ? Predictor::kTiff
                                      : Predictor::kNone;
  if (predictor == Predictor::kTiff && layout.bits != 8) return nullptr;
  if (predictor != Predictor::kNone && (stream.number("Columns", 1) != layout.width ||
                                        stream.number("Colors", 1) != layout.components ||
                                        stream.number("BitsPerComponent", 8) != layout.bits))
    return nullptr;
  ByteSource bytes = stream.compressed();
  if (!bytes) return nullptr;
  size_t pixel = std::max(1, layout.components * layout.bits / 8);
  return open_flate(std::move(bytes), layout.row_bytes(), pixel, predictor);
}

std::unique_ptr<Samples> open_samples(const ImageStream& stream, const Layout& layout) {
  std::unique_ptr<Samples> samples;
  if (stream->getKind() == strCCITTFax) samples = open_fax(stream, layout);
  if (stream->getKind() == strFlate) samples = open_deflated(stream, layout);
  if (samples == nullptr) samples = std::make_unique<PopplerSamples>(stream, layout.row_bytes());
  return samples;
}

// Images of one component: what each byte of samples, which holds 8 / bits of them, looks like.
class ColourTable {
 public:
  ColourTable(const PageImage& image, const RowsWanted& wanted)
      : bits_(image.colors == nullptr ? 1 : image.colors->getBits()),
        channels_(wanted.grey || wanted.coverage ? 1 : 3),
        piece_(static_cast<size_t>(8 / bits_) * channels_),
        bytes_(256 * piece_) {
    uint8_t colours[256][3];
    for (int sample = 0; sample < 1 << bits_; ++sample)
      colour_of(image, wanted, static_cast<uint8_t>(sample), colours[sample]);
    uint8_t* out = bytes_.data();
    for (int byte = 0; byte < 256; ++byte) {
      for (int shift = 8 - bits_; shift >= 0; shift -= bits_) {
        const uint8_t* colour = colours[byte >> shift & ((1 << bits_) - 1)];
        out = std::copy_n(colour, channels_, out);
      }
    }
  }

  int channels() const { return channels_; }
  // Do bytes of samples look like what they are?
  bool changes_nothing() const {
    bool same = piece_ == 1;
    for (size_t i = 0; i < 256 && same; ++i) same = bytes_[i] == i;
    return same;
  }
  // row: width pixels. A row's last byte of samples may hold more than the row does.
  void look_up(const uint8_t* samples, uint8_t* row, int width) const {
    const int pixels = 8 / bits_;
    const int whole = width / pixels;
    if (piece_ == 8) {
      for (int i = 0; i < whole; ++i) std::memcpy(row + i * 8, &bytes_[samples[i] * size_t{8}], 8);
    } else if (piece_ == 1) {
      for (int i = 0; i < whole; ++i) row[i] = bytes_[samples[i]];
    } else {
      for (int i = 0; i < whole; ++i)
        std::memcpy(row + i * piece_, &bytes_[samples[i] * piece_], piece_);
    }
    const size_t rest = static_cast<size_t>(width % pixels) * channels_;
    if (rest > 0) std::memcpy(row + whole * piece_, &bytes_[samples[whole] * piece_], rest);
  }

 private:
  static void colour_of(const PageImage& image, const RowsWanted& wanted, uint8_t sample,
                        uint8_t* colour) {
    if (image.colors == nullptr) {
      bool painted = (sample != 0) == image.inverted;
      if (wanted.coverage) {
        colour[0] = painted ? 255 : 0;
      } else if (wanted.grey) {
        colour[0] = painted ? image.ink_grey : 255;
      } else {
        for (int i = 0; i < 3; ++i) colour[i] = painted ? image.ink_rgb[i] : 255;
      }
    } else if (wanted.grey) {
      GfxGray grey = 0;
      image.colors->getGray(&sample, &grey);
      colour[0] = colToByte(grey);
    } else {
      GfxRGB rgb{};
      image.colors->getRGB(&sample, &rgb);
      colour[0] = colToByte(rgb.r);
      colour[1] = colToByte(rgb.g);
      colour[2] = colToByte(rgb.b);
    }
  }

  int bits_;
  int channels_;
  size_t piece_;  // bytes of pixels for a byte of samples
  std::vector<uint8_t> bytes_;
};

class TableRows : public PixelRows {
 public:
  TableRows(std::unique_ptr<ImageStream> stream, const Layout& layout, const PageImage& image,
            const RowsWanted& wanted)
      : stream_(std::move(stream)),
        samples_(open_samples(*stream_, layout)),
        table_(image, wanted),
        width_(image.width_px),
        height_(image.height_px),
        packed_(layout.row_bytes()) {}
  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return table_.channels(); }
  bool read(uint8_t* row) override {
    if (!samples_->read(packed_.data())) return false;
    table_.look_up(packed_.data(), row, width_);
    return true;
  }

 private:
  std::unique_ptr<ImageStream> stream_;
  std::unique_ptr<Samples> samples_;
  ColourTable table_;
  int width_;
  int height_;
  std::vector<uint8_t> packed_;
};

enum class Colours { kRgb, kRgbToGrey, kByPoppler };

// How samples of several components are converted. Profiles of RGB do not count where only the
// luminance is wanted.
Colours colours_of(GfxImageColorMap& colors, bool grey) {
  GfxColorSpaceMode mode = colors.getColorSpace()->getMode();
  bool rgb = colors.getNumPixelComps() == 3 &&
             (mode == csDeviceRGB || (grey && (mode == csCalRGB || mode == csICCBased)));
  for (int i = 0; i < 3 && rgb; ++i)
    rgb = colors.getDecodeLow(i) == 0 && colors.getDecodeHigh(i) == 1;
  if (!rgb) return Colours::kByPoppler;
  return grey ? Colours::kRgbToGrey : Colours::kRgb;
}

// Several components of 8 bits each.
class ColourRows : public PixelRows {
 public:
  ColourRows(std::unique_ptr<ImageStream> stream, const Layout& layout, const PageImage& image,
             bool grey)
      : stream_(std::move(stream)),
        samples_(open_samples(*stream_, layout)),
        colors_(*image.colors),
        colours_(colours_of(colors_, grey)),
        width_(image.width_px),
        height_(image.height_px),
        channels_(grey ? 1 : 3),
        packed_(layout.row_bytes()) {}
  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return channels_; }
  bool read(uint8_t* row) override {
    if (colours_ == Colours::kRgb) return samples_->read(row);
    if (!samples_->read(packed_.data())) return false;
    if (colours_ == Colours::kByPoppler) {
      if (channels_ == 1)
        colors_.getGrayLine(packed_.data(), row, width_);
      else
        colors_.getRGBLine(packed_.data(), row, width_);
    } else {
      const uint8_t* from = packed_.data();
      for (int i = 0; i < width_; ++i, from += 3)
        row[i] = static_cast<uint8_t>((77 * from[0] + 151 * from[1] + 28 * from[2] + 128) >> 8);
    }
    return true;
  }

 private:
  std::unique_ptr<ImageStream> stream_;
  std::unique_ptr<Samples> samples_;
  GfxImageColorMap& colors_;
  Colours colours_;
  int width_;
  int height_;
  int channels_;
  std::vector<uint8_t> packed_;
};

// A JPEG that libjpeg decodes to the raster's colours, but for a table of greys.
class ScaledRows : public PixelRows {
 public:
  ScaledRows(std::unique_ptr<ImageStream> stream, std::unique_ptr<ColourTable> table)
      : stream_(std::move(stream)), table_(std::move(table)) {}
  bool open(const JpegRows::Wanted& wanted, const Deadline& deadline) {
    ByteSource bytes = stream_->compressed();
    if (!bytes) return false;
    jpeg_ = JpegRows::open(std::move(bytes), wanted, deadline);
    if (jpeg_ != nullptr && table_ != nullptr) grey_.resize(static_cast<size_t>(jpeg_->width()));
    return jpeg_ != nullptr;
  }
  int width() const override { return jpeg_->width(); }
  int height() const override { return jpeg_->height(); }
  int channels() const override {
    return table_ != nullptr ? table_->channels() : jpeg_->channels();
  }
  bool read(uint8_t* row) override {
    if (table_ == nullptr) return jpeg_->read(row);
    if (!jpeg_->read(grey_.data())) return false;
    table_->look_up(grey_.data(), row, jpeg_->width());
    return true;
  }

 private:
  std::unique_ptr<ImageStream> stream_;
  std::unique_ptr<ColourTable> table_;
  std::unique_ptr<JpegRows> jpeg_;
  std::vector<uint8_t> grey_;
};

// Whether libjpeg may decode it on its own: greys, whose order scaling must not mix up, and RGB.
bool is_plain_jpeg(const ImageStream& stream, GfxImageColorMap& colors, bool grey) {
  if (stream->getKind() != strDCT || colors.getBits() != 8) return false;
  if (!stream.parameter("ColorTransform").isNull()) return false;
  if (colors.getNumPixelComps() > 1) return colours_of(colors, grey) != Colours::kByPoppler;
  GfxColorSpaceMode mode = colors.getColorSpace()->getMode();
  return mode == csDeviceGray || mode == csCalGray || mode == csICCBased;
}

}  // namespace

std::unique_ptr<PixelRows> open_rows(PdfDocument& document, const PageImage& image,
                                     const RowsWanted& wanted, const Deadline& deadline) {
  Layout layout{image.width_px, 1, 1};
  if (image.colors != nullptr) {
    layout.components = image.colors->getNumPixelComps();
    layout.bits = image.colors->getBits();
  }
  const int bits = layout.bits;
  bool known = bits == 8 || (layout.components == 1 && (bits == 1 || bits == 2 || bits == 4));
  if (!known || std::max(image.width_px, image.height_px) > kMostPixelsASide) return nullptr;
  Object object = document.pdf().getXRef()->fetch(image.stream);
  // JPEG 2000 says itself what its samples are.
  if (!object.isStream() || object.getStream()->getKind() == strJPX) return nullptr;
  auto stream = std::make_unique<ImageStream>(std::move(object));
  if (image.colors != nullptr && is_plain_jpeg(*stream, *image.colors, wanted.grey)) {
    JpegRows::Wanted jpeg{image.width_px, image.height_px,    layout.components,
                          wanted.grey,    wanted.least_width, wanted.least_height};
    std::unique_ptr<ColourTable> table;
    if (layout.components == 1) table = std::make_unique<ColourTable>(image, wanted);
    if (table != nullptr && table->changes_nothing()) table.reset();
    auto rows = std::make_unique<ScaledRows>(std::move(stream), std::move(table));
    if (!rows->open(jpeg, deadline)) return nullptr;
    return rows;
  }
  if (layout.components == 1)
    return std::make_unique<TableRows>(std::move(stream), layout, image, wanted);
  return std::make_unique<ColourRows>(std::move(stream), layout, image, wanted.grey);
}

}  // namespace pdf2md::reader
