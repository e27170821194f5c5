#include "daemon/worker/ocr.h"

#include <algorithm>
#include <cmath>

#include "daemon/worker/ocr_lines.h"
#include "daemon/worker/small_capitals.h"
#include "daemon/worker/stroke_width.h"

namespace pdf2md::worker {
namespace {

using document::Box;
using document::Line;
using models::Picture;
using models::Quad;
using models::RecognisedText;
using models::TextBox;

// Below this a "line" is texture or a smudge more often than text (PaddleOCR's own default).
constexpr float kMinLineConfidence = 0.5f;
// A turned page is believed at once when the orientation model is this sure and what is then read
// is this good.
constexpr float kSureOrientation = 0.6f;
constexpr float kGoodReading = 0.85f;

struct Reading {
  std::vector<Line> lines;
  float skew = 0;
  float confidence = 0;
  document::ScriptFinding scripts;
};

// The same text, read from the other side.
Quad turned_around(const Quad& quad) {
  return Quad{{quad.x[2], quad.x[3], quad.x[0], quad.x[1]},
              {quad.y[2], quad.y[3], quad.y[0], quad.y[1]}};
}

Result<Reading> read_upright(PageModels& page_models, const Picture& page, double pixels_per_pt) {
  Result<std::vector<std::vector<TextBox>>> detected = page_models.detect_text({&page, 1});
  if (!detected) return detected.error();
  const std::vector<TextBox>& boxes = detected->front();

  std::vector<Quad> quads, standing;
  for (const TextBox& box : boxes) {
    quads.push_back(box.quad);
    if (models::crop_size(box.quad).stands) standing.push_back(box.quad);
  }
  std::vector<int> rotation(quads.size(), 0);
  if (!standing.empty()) {
    Result<std::vector<models::TextLine>> lines = page_models.cut_lines(page, standing);
    if (!lines) return lines.error();
    Result<std::vector<bool>> upside_down = page_models.is_upside_down(*lines);
    if (!upside_down) return upside_down.error();
    for (size_t i = 0, k = 0; i < quads.size(); ++i) {
      if (!models::crop_size(quads[i]).stands) continue;
      // A standing quad is turned counter-clockwise: text that runs down the page then reads from
      // left to right.
      const bool upwards = (*upside_down)[k++];
      rotation[i] = upwards ? 270 : 90;
      if (upwards) quads[i] = turned_around(quads[i]);
    }
  }
  Result<std::vector<models::TextLine>> lines = page_models.cut_lines(page, quads);
  if (!lines) return lines.error();
  Result<std::vector<RecognisedText>> read = page_models.recognise(*lines);
  if (!read) return read.error();
  Result<document::ScriptFinding> scripts = page_models.read_other_scripts(page.view, quads, *read);
  if (!scripts) return scripts.error();

  Reading reading;
  std::vector<ReadBox> found;
  reading.scripts = std::move(*scripts);
  double sum = 0, characters = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    RecognisedText& text = (*read)[i];
    if (text.text.empty() || text.confidence < kMinLineConfidence) continue;
    double count = static_cast<double>(text.positions.size());
    sum += text.confidence * count;
    characters += count;
    const models::Image line = models::crop_quickly(page.view, quads[i]);
    // Of what Tesseract read, the places of the characters are not known.
    std::vector<float> heights;
    if (text.script.empty()) heights = ink_heights(line.view(), text.positions);
    text.text = without_small_capitals(text.text, heights);
    found.push_back({boxes[i].quad, std::move(text), rotation[i], std::move(heights),
                     stroke_width(line.view())});
  }
  reading.skew = skew_of(found);
  reading.lines = lines_of(found, reading.skew, page.view.width, page.view.height, pixels_per_pt);
  if (characters > 0)
    reading.confidence = static_cast<float>(std::round(1000 * sum / characters) / 1000);
  return reading;
}

}  // namespace

Result<OcrResult> read_page_raster(PageModels& page_models, const Picture& raster,
                                   double pixels_per_pt) {
  Result<Picture> page = page_models.on_device(raster);
  if (!page) return page.error();
  Result<std::vector<models::ModelSet::Orientation>> orientation =
      page_models.page_orientation({&*page, 1});
  if (!orientation) return orientation.error();
  int turned =
      orientation->front().confidence >= kSureOrientation ? orientation->front().degrees : 0;

  OcrResult best;
  if (turned != 0) {
    Result<Picture> upright =
        page_models.on_device(Picture(models::rotated(raster.view, (360 - turned) % 360)));
    if (!upright) return upright.error();
    Result<Reading> reading = read_upright(page_models, *upright, pixels_per_pt);
    if (!reading) return reading.error();
    best = OcrResult{std::move(reading->lines), turned, reading->skew, reading->confidence,
                     std::move(reading->scripts)};
    if (best.confidence >= kGoodReading) return best;
  }
  Result<Reading> reading = read_upright(page_models, *page, pixels_per_pt);
  if (!reading) return reading.error();
  if (turned == 0 || reading->confidence >= best.confidence) {
    best = OcrResult{std::move(reading->lines), 0, reading->skew, reading->confidence,
                     std::move(reading->scripts)};
  }
  return best;
}

Result<std::vector<RecognisedText>> read_boxes(PageModels& page_models, const Picture& raster,
                                               const std::vector<Box>& boxes) {
  std::vector<Quad> quads;
  for (const Box& box : boxes)
    quads.push_back(Quad{{box.x0, box.x1, box.x1, box.x0}, {box.y0, box.y0, box.y1, box.y1}});
  Result<std::vector<models::TextLine>> lines = page_models.cut_lines(raster, quads);
  if (!lines) return lines.error();
  return page_models.recognise(*lines);
}

}  // namespace pdf2md::worker
