#include "daemon/reader/jpeg_rows.h"

#include <csetjmp>
#include <cstdio>

// Needs FILE and size_t from before.
#include <jerror.h>
#include <jpeglib.h>

#include <array>

namespace pdf2md::reader {
namespace {

constexpr size_t kInputBytes = 32768;
// A JPEG in several scans is kept as a whole, in coefficients.
constexpr long kMostMemoryBytes = 512L << 20;
// Scans of scans of scans: some JPEGs are made to take hours.
constexpr int kMostScans = 100;

}  // namespace

// libjpeg calls back with pointers to its own parts, which are therefore first in ours. Its errors
// leave by longjmp: between a setjmp and the end of its function nothing is made that would have to
// be destroyed.
struct JpegRows::Decoder {
  struct Source {
    jpeg_source_mgr base;
    Decoder* decoder;
  };
  struct Errors {
    jpeg_error_mgr base;
    jmp_buf leave;
  };
  struct Progress {
    jpeg_progress_mgr base;
    Decoder* decoder;
  };

  Decoder(ByteSource bytes, const Deadline& deadline)
      : bytes(std::move(bytes)), deadline(deadline) {}
  ~Decoder() {
    if (created) jpeg_destroy_decompress(&jpeg);
  }

  bool start(const Wanted& wanted);
  bool read(uint8_t* row);
  bool find_start();
  void use_poppler_colours();

  static void init_source(j_decompress_ptr) {}
  static boolean fill(j_decompress_ptr jpeg);
  static void skip(j_decompress_ptr jpeg, long count);
  static void term_source(j_decompress_ptr) {}
  [[noreturn]] static void fail(j_common_ptr jpeg);
  static void complain(j_common_ptr jpeg, int level);
  static void look_at_clock(j_common_ptr jpeg);

  ByteSource bytes;
  const Deadline& deadline;
  bool created = false;
  jpeg_decompress_struct jpeg{};
  Source source{};
  Errors errors{};
  Progress progress{};
  std::array<uint8_t, kInputBytes> buffer{};
};

boolean JpegRows::Decoder::fill(j_decompress_ptr jpeg) {
  Source* source = reinterpret_cast<Source*>(jpeg->src);
  Decoder& decoder = *source->decoder;
  size_t count = decoder.bytes(decoder.buffer.data(), decoder.buffer.size());
  if (count == 0) {
    // The end mark is missing: of what else is missing with it, libjpeg complains by itself.
    decoder.buffer[0] = 0xFF;
    decoder.buffer[1] = JPEG_EOI;
    count = 2;
  }
  source->base.next_input_byte = decoder.buffer.data();
  source->base.bytes_in_buffer = count;
  return TRUE;
}

void JpegRows::Decoder::skip(j_decompress_ptr jpeg, long count) {
  while (count > static_cast<long>(jpeg->src->bytes_in_buffer)) {
    count -= static_cast<long>(jpeg->src->bytes_in_buffer);
    fill(jpeg);
  }
  if (count <= 0) return;
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= static_cast<size_t>(count);
}

void JpegRows::Decoder::fail(j_common_ptr jpeg) {
  longjmp(reinterpret_cast<Errors*>(jpeg->err)->leave, 1);
}

// -1 is a warning, mostly of damage; how that is repaired is for the rasteriser to say.
void JpegRows::Decoder::complain(j_common_ptr jpeg, int level) {
  int code = jpeg->err->msg_code;
  bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM ||
                  code == JWRN_JFIF_MAJOR || code == JWRN_BOGUS_ICC;
  if (level < 0 && !harmless) fail(jpeg);
}

void JpegRows::Decoder::look_at_clock(j_common_ptr jpeg) {
  Decoder& decoder = *reinterpret_cast<Progress*>(jpeg->progress)->decoder;
  if (decoder.jpeg.input_scan_number > kMostScans || decoder.deadline.passed()) fail(jpeg);
}

// Some producers leave bytes in front of it.
bool JpegRows::Decoder::find_start() {
  int before = 0;
  for (;;) {
    size_t count = bytes(buffer.data(), buffer.size());
    if (count == 0) return false;
    for (size_t i = 0; i < count; ++i) {
      int byte = buffer[i];
      if (before == 0xFF && byte == 0xD8 && i > 0) {
        source.base.next_input_byte = buffer.data() + i - 1;
        source.base.bytes_in_buffer = count - i + 1;
        return true;
      }
      before = byte;
    }
  }
}

// Where an Adobe marker contradicts the JFIF one, poppler believes Adobe.
void JpegRows::Decoder::use_poppler_colours() {
  if (jpeg.num_components == 3 && jpeg.saw_Adobe_marker)
    jpeg.jpeg_color_space = jpeg.Adobe_transform != 0 ? JCS_YCbCr : JCS_RGB;
}

bool JpegRows::Decoder::start(const Wanted& wanted) {
  jpeg.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = fail;
  errors.base.emit_message = complain;
  source.decoder = this;
  source.base.init_source = init_source;
  source.base.fill_input_buffer = fill;
  source.base.skip_input_data = skip;
  source.base.resync_to_restart = jpeg_resync_to_restart;
  source.base.term_source = term_source;
  progress.decoder = this;
  progress.base.progress_monitor = look_at_clock;
  if (!find_start()) return false;
  if (setjmp(errors.leave) != 0) return false;
  jpeg_create_decompress(&jpeg);
  created = true;
  jpeg.mem->max_memory_to_use = kMostMemoryBytes;
  jpeg.src = &source.base;
  jpeg.progress = &progress.base;
  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.image_width != static_cast<JDIMENSION>(wanted.width) ||
      jpeg.image_height != static_cast<JDIMENSION>(wanted.height) ||
      jpeg.num_components != wanted.components)
    return false;
  use_poppler_colours();
  jpeg.out_color_space = wanted.grey || wanted.components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  // Halves only: these have vector code, and what lies between takes longer than decoding it all.
  for (unsigned eighths = 8; eighths >= 1; eighths /= 2) {
    int width = static_cast<int>((jpeg.image_width * eighths + 7) / 8);
    int height = static_cast<int>((jpeg.image_height * eighths + 7) / 8);
    if (width < wanted.least_width || height < wanted.least_height) break;
    jpeg.scale_num = eighths;
    jpeg.scale_denom = 8;
  }
  jpeg_start_decompress(&jpeg);
  return true;
}

bool JpegRows::Decoder::read(uint8_t* row) {
  if (setjmp(errors.leave) != 0) return false;
  if (jpeg.output_scanline >= jpeg.output_height) return false;
  JSAMPROW rows[1] = {row};
  return jpeg_read_scanlines(&jpeg, rows, 1) == 1;
}

JpegRows::JpegRows(std::unique_ptr<Decoder> decoder) : decoder_(std::move(decoder)) {}
JpegRows::~JpegRows() = default;

std::unique_ptr<JpegRows> JpegRows::open(ByteSource source, const Wanted& wanted,
                                         const Deadline& deadline) {
  std::unique_ptr<Decoder> decoder = std::make_unique<Decoder>(std::move(source), deadline);
  if (!decoder->start(wanted)) return nullptr;
  return std::unique_ptr<JpegRows>(new JpegRows(std::move(decoder)));
}

int JpegRows::width() const {
  return static_cast<int>(decoder_->jpeg.output_width);
}
int JpegRows::height() const {
  return static_cast<int>(decoder_->jpeg.output_height);
}
int JpegRows::channels() const {
  return decoder_->jpeg.output_components;
}
bool JpegRows::read(uint8_t* row) {
  return decoder_->read(row);
}

}  // namespace pdf2md::reader
