#include "daemon/worker/ocr.h"

#include <algorithm>
#include <cmath>
#include <string_view>

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

Box hull(const Quad& quad) {
  return Box{*std::min_element(quad.x, quad.x + 4), *std::min_element(quad.y, quad.y + 4),
             *std::max_element(quad.x, quad.x + 4), *std::max_element(quad.y, quad.y + 4)};
}

float side(const Quad& quad, int from, int to) {
  return std::hypot(quad.x[to] - quad.x[from], quad.y[to] - quad.y[from]);
}

// crop_quad turns such a quad by 90°: the text runs up or down the page.
bool stands_upright(const Quad& quad) {
  float width = (side(quad, 0, 1) + side(quad, 3, 2)) / 2;
  float height = (side(quad, 0, 3) + side(quad, 1, 2)) / 2;
  return height > 1.5f * width;
}

// How far the letters of a text reach above and below the baseline, in font sizes.
struct Reach {
  float above = 0.5f;  // x-height
  float below = 0;
};

Reach reach_of(std::string_view text) {
  Reach reach;
  for (unsigned char c : text) {
    if (c >= 0x80) return Reach{0.8f, 0.2f};  // accents, CJK: the whole em, near enough
    bool tall = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                std::string_view("bdfhijklt!?\"'()[]{}/\\|&%$#@").find(static_cast<char>(c)) !=
                    std::string_view::npos;
    bool deep =
        std::string_view("gjpqyQ,;()[]{}|/@$").find(static_cast<char>(c)) != std::string_view::npos;
    if (tall) reach.above = 0.72f;
    if (deep) reach.below = 0.13f;
  }
  return reach;
}

// Detection boxes end this far outside the ink, in font sizes; measured on pages whose font sizes
// are known.
constexpr float kBoxMargin = 0.05f;

Line to_line(const Quad& quad, const RecognisedText& read, int rotation, double pixels_per_pt) {
  Box pixels = hull(quad);
  float scale = static_cast<float>(1 / pixels_per_pt);
  Line line;
  line.box = Box{pixels.x0 * scale, pixels.y0 * scale, pixels.x1 * scale, pixels.y1 * scale};
  line.rotation = rotation;
  line.source = document::Source::kOcr;
  line.confidence = read.confidence;
  float thickness = std::min(side(quad, 0, 3), side(quad, 0, 1)) * scale;
  Reach reach = reach_of(read.text);
  float size = thickness / (reach.above + reach.below + 2 * kBoxMargin);
  float to_baseline = (reach.below + kBoxMargin) * size;
  switch (rotation) {
    case 90:
      line.baseline_y = line.box.x0 + to_baseline;
      break;  // reads downwards
    case 270:
      line.baseline_y = line.box.x1 - to_baseline;
      break;  // reads upwards
    default:
      line.baseline_y = line.box.y1 - to_baseline;
  }
  document::Span span;
  span.text = read.text;
  span.size_pt = std::round(size * 4) / 4;
  span.box = line.box;
  line.spans.push_back(std::move(span));
  return line;
}

// Sizes measured from single boxes scatter by some percent: lines of about one size get one size,
// the one that most of their characters have. Groups are formed from the most frequent size
// downwards.
constexpr float kSameSize = 1.18f;

void settle_sizes(std::vector<Line>& lines) {
  std::vector<Line*> open;
  for (Line& line : lines) open.push_back(&line);
  while (!open.empty()) {
    std::sort(open.begin(), open.end(), [](const Line* a, const Line* b) {
      return a->spans[0].size_pt < b->spans[0].size_pt;
    });
    size_t characters = 0, passed = 0;
    for (const Line* line : open) characters += line->spans[0].text.size();
    float median = open.back()->spans[0].size_pt;
    for (const Line* line : open) {
      passed += line->spans[0].text.size();
      if (passed * 2 >= characters) {
        median = line->spans[0].size_pt;
        break;
      }
    }
    std::erase_if(open, [median](Line* line) {
      float size = line->spans[0].size_pt;
      bool same = size <= median * kSameSize && size * kSameSize >= median;
      if (same) line->spans[0].size_pt = median;
      return same;
    });
  }
}

struct Reading {
  std::vector<Line> lines;
  float confidence = 0;
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
    if (stands_upright(box.quad)) standing.push_back(box.quad);
  }
  std::vector<int> rotation(quads.size(), 0);
  if (!standing.empty()) {
    Result<std::vector<models::TextLine>> lines = page_models.cut_lines(page, standing);
    if (!lines) return lines.error();
    Result<std::vector<bool>> upside_down = page_models.is_upside_down(*lines);
    if (!upside_down) return upside_down.error();
    for (size_t i = 0, k = 0; i < quads.size(); ++i) {
      if (!stands_upright(quads[i])) continue;
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

  Reading reading;
  double sum = 0, characters = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    const RecognisedText& text = (*read)[i];
    if (text.text.empty() || text.confidence < kMinLineConfidence) continue;
    reading.lines.push_back(to_line(boxes[i].quad, text, rotation[i], pixels_per_pt));
    double count = static_cast<double>(text.positions.size());
    sum += text.confidence * count;
    characters += count;
  }
  settle_sizes(reading.lines);
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
    best = OcrResult{std::move(reading->lines), turned, reading->confidence};
    if (best.confidence >= kGoodReading) return best;
  }
  Result<Reading> reading = read_upright(page_models, *page, pixels_per_pt);
  if (!reading) return reading.error();
  if (turned == 0 || reading->confidence >= best.confidence) {
    best = OcrResult{std::move(reading->lines), 0, reading->confidence};
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
