// JPEG by libjpeg-turbo, decoded at the scale that is needed.
#pragma once

#include <memory>

#include "daemon/reader/deadline.h"
#include "daemon/reader/resample.h"
#include "daemon/reader/samples.h"

namespace pdf2md::reader {

class JpegRows : public PixelRows {
 public:
  // What the PDF says of the image, which the JPEG has to agree with.
  struct Wanted {
    int width = 0;
    int height = 0;
    int components = 0;  // 1 or 3
    bool grey = false;   // of three components, give their luminance
    // Rows and columns beyond these need not be told apart: the image may come out smaller by
    // halves, as long as it has that many.
    int least_width = 0;
    int least_height = 0;
  };
  // source, deadline: must live as long as this. Null where it is not such a JPEG.
  static std::unique_ptr<JpegRows> open(ByteSource source, const Wanted& wanted,
                                        const Deadline& deadline);
  ~JpegRows() override;

  int width() const override;
  int height() const override;
  int channels() const override;
  // False also where the JPEG turns out to be damaged.
  bool read(uint8_t* row) override;

 private:
  struct Decoder;
  explicit JpegRows(std::unique_ptr<Decoder> decoder);
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace pdf2md::reader
