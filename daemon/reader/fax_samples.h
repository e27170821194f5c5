// CCITT Group 4 (ITU-T T.6), as nearly all bilevel scans have it: several times as fast as poppler's
// decoder, which reads what this one does not (one-dimensional codes, aligned or marked rows) and
// repairs what is damaged.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/reader/samples.h"

namespace pdf2md::reader {

class FaxSamples : public Samples {
 public:
  // Rows of `columns` bits. black: the value of a black pixel's bit, 0 or 1.
  FaxSamples(ByteSource source, int columns, int black);
  bool read(uint8_t* row) override;

 private:
  uint32_t peek(int bits);
  void skip(int bits);
  int run(bool black);
  bool decode_row();

  ByteSource source_;
  int columns_;
  int black_;
  std::vector<uint8_t> buffer_;
  size_t at_ = 0, filled_ = 0;
  uint64_t held_ = 0;  // the next bits, from the highest one down
  int held_bits_ = 0;
  int padding_bits_ = 0;  // of those: zeros behind the end of the source
  // Where the colour changes, white first: of the row above and of this one. Both end in
  // `columns`, several times.
  std::vector<int32_t> above_, changes_;
};

// For tests: the code of a run, as a string of 0 and 1. Runs: 0 to 63, then multiples of 64 to 2560.
std::string_view fax_run_code(bool black, int run);

}  // namespace pdf2md::reader
