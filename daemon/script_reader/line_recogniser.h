// Tesseract, one line at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "proto/result.h"

namespace tesseract {
class TessBaseAPI;
}

namespace pdf2md::script_reader {

// A byte a pixel, 0 black, rows from the top without gaps.
struct GreyLine {
  const uint8_t* pixels = nullptr;
  int width = 0, height = 0;
};

// What a line gives depends on that line and the data alone.
class LineRecogniser {
 public:
  struct Reading {
    std::string text;
    int confidence = 0;  // mean over the words, 0…100
  };

  explicit LineRecogniser(std::string folder);
  ~LineRecogniser();

  // data: as data_for() says. The last one stays loaded. Errors: kBadModel where it cannot be.
  Result<std::vector<Reading>> read(const std::string& data, std::span<const GreyLine> lines);
  // The script of the lines together, as Tesseract calls it; empty: too little to tell.
  Result<std::string> tell_script(std::span<const GreyLine> lines);

 private:
  const std::string folder_;
  std::string loaded_;
  std::unique_ptr<::tesseract::TessBaseAPI> reader_;
  std::unique_ptr<::tesseract::TessBaseAPI> detector_;
};

}  // namespace pdf2md::script_reader
