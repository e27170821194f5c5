#include "daemon/script_reader/line_recogniser.h"

#include <tesseract/baseapi.h>

#include <algorithm>

#include "daemon/script_reader/tessdata.h"

namespace pdf2md::script_reader {
namespace {

using ::tesseract::TessBaseAPI;

// Crops end where the ink does; Tesseract wants some paper around it.
constexpr int kMargin = 10;
// What it takes the resolution to be matters to its layout analysis only.
constexpr int kDpi = 300;

struct Paper {
  std::vector<uint8_t> pixels;
  int width = 0, height = 0;
};

// The shade of paper at the line's border.
uint8_t paper_shade(const GreyLine& line) {
  std::vector<uint8_t> border;
  const size_t width = static_cast<size_t>(line.width), height = static_cast<size_t>(line.height);
  border.insert(border.end(), line.pixels, line.pixels + width);
  border.insert(border.end(), line.pixels + width * (height - 1), line.pixels + width * height);
  for (size_t y = 0; y < height; ++y) {
    border.push_back(line.pixels[y * width]);
    border.push_back(line.pixels[y * width + width - 1]);
  }
  const auto middle = border.begin() + static_cast<ptrdiff_t>(border.size() / 2);
  std::nth_element(border.begin(), middle, border.end());
  return *middle;
}

// Tesseract finds letters in paper alone.
bool is_blank(const GreyLine& line) {
  constexpr int kFaintest = 24;  // of 255: ink against paper
  const size_t count = static_cast<size_t>(line.width) * static_cast<size_t>(line.height);
  const auto [dark, light] = std::minmax_element(line.pixels, line.pixels + count);
  return count == 0 || *light - *dark < kFaintest;
}

// The lines one below the other, with paper around them.
Paper on_paper(std::span<const GreyLine> lines) {
  Paper paper;
  paper.height = kMargin;
  for (const GreyLine& line : lines) {
    paper.width = std::max(paper.width, line.width + 2 * kMargin);
    paper.height += line.height + kMargin;
  }
  const uint8_t shade = lines.empty() ? 255 : paper_shade(lines[0]);
  const size_t width = static_cast<size_t>(paper.width);
  paper.pixels.assign(width * static_cast<size_t>(paper.height), shade);
  size_t top = kMargin;
  for (const GreyLine& line : lines) {
    for (size_t y = 0; y < static_cast<size_t>(line.height); ++y) {
      const uint8_t* from = line.pixels + y * static_cast<size_t>(line.width);
      std::copy_n(from, line.width, paper.pixels.data() + (top + y) * width + kMargin);
    }
    top += static_cast<size_t>(line.height + kMargin);
  }
  return paper;
}

void show(TessBaseAPI& api, const Paper& paper) {
  api.SetImage(paper.pixels.data(), paper.width, paper.height, 1, paper.width);
  api.SetSourceResolution(kDpi);
}

Error cannot_load(const std::string& data, const std::string& folder) {
  return {ErrorCode::kBadModel, "Tesseract cannot load " + data + " from " + folder,
          "reinstall its package"};
}

}  // namespace

LineRecogniser::LineRecogniser(std::string folder) : folder_(std::move(folder)) {}
LineRecogniser::~LineRecogniser() = default;

Result<std::vector<LineRecogniser::Reading>> LineRecogniser::read(const std::string& data,
                                                                  std::span<const GreyLine> lines) {
  if (loaded_ != data) {
    loaded_.clear();
    reader_ = std::make_unique<TessBaseAPI>();
    if (reader_->Init(folder_.c_str(), data.c_str(), ::tesseract::OEM_LSTM_ONLY) != 0)
      return cannot_load(data, folder_);
    // What it has read before must not matter.
    reader_->SetVariable("tessedit_enable_doc_dict", "0");
    reader_->SetPageSegMode(::tesseract::PSM_SINGLE_LINE);
    loaded_ = data;
  }
  std::vector<Reading> readings;
  for (const GreyLine& line : lines) {
    Reading& reading = readings.emplace_back();
    if (is_blank(line)) continue;
    const Paper paper = on_paper({&line, 1});
    show(*reader_, paper);
    if (reader_->Recognize(nullptr) == 0) {
      const std::unique_ptr<char[]> text(reader_->GetUTF8Text());
      if (text != nullptr) reading.text = text.get();
      reading.confidence = reader_->MeanTextConf();
    }
    reader_->Clear();
  }
  return readings;
}

Result<std::string> LineRecogniser::tell_script(std::span<const GreyLine> lines) {
  if (detector_ == nullptr) {
    std::unique_ptr<TessBaseAPI> detector = std::make_unique<TessBaseAPI>();
    if (detector->Init(folder_.c_str(), kDetectionData, ::tesseract::OEM_TESSERACT_ONLY) != 0)
      return cannot_load(kDetectionData, folder_);
    detector->SetPageSegMode(::tesseract::PSM_OSD_ONLY);
    detector_ = std::move(detector);
  }
  const Paper paper = on_paper(lines);
  show(*detector_, paper);
  int turned = 0;
  float sure_of_turn = 0, sure_of_script = 0;
  const char* script = nullptr;
  const bool told =
      detector_->DetectOrientationScript(&turned, &sure_of_turn, &script, &sure_of_script);
  std::string name = told && script != nullptr ? script : "";
  detector_->Clear();
  return name;
}

}  // namespace pdf2md::script_reader
