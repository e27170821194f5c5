#include "daemon/worker/ocr_lines.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace pdf2md;
using namespace pdf2md::worker;

namespace {

constexpr int kWidth = 1700, kHeight = 2200;  // 200 dpi
constexpr double kPixelsPerPt = 200 / 72.0;

ReadBox box(float x0, float y0, float x1, float y1, std::string text, float skew = 0) {
  ReadBox made;
  const float xs[] = {x0, x1, x1, x0}, ys[] = {y0, y0, y1, y1};
  for (int i = 0; i < 4; ++i) {
    const float x = xs[i] - kWidth / 2.0f, y = ys[i] - kHeight / 2.0f;
    made.quad.x[i] = kWidth / 2.0f + std::cos(skew) * x - std::sin(skew) * y;
    made.quad.y[i] = kHeight / 2.0f + std::sin(skew) * x + std::cos(skew) * y;
  }
  made.read.text = std::move(text);
  made.read.confidence = 0.9f;
  return made;
}

std::vector<ReadBox> page(float skew) {
  std::vector<ReadBox> boxes;
  for (int i = 0; i < 12; ++i) {
    const float y = 300 + 60.0f * static_cast<float>(i);
    boxes.push_back(box(200, y, 1500, y + 40, "a line of type, laid on glass", skew));
  }
  return boxes;
}

}  // namespace

TEST_CASE("a page that was scanned askew is straightened") {
  for (const float skew : {0.02f, -0.05f}) {
    const std::vector<ReadBox> boxes = page(skew);
    CHECK(skew_of(boxes) == Approx(skew).margin(1e-4));
    const std::vector<document::Line> level = lines_of(page(0), 0, kWidth, kHeight, kPixelsPerPt);
    const std::vector<document::Line> lines =
        lines_of(boxes, skew_of(boxes), kWidth, kHeight, kPixelsPerPt);
    REQUIRE(lines.size() == level.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      CHECK(lines[i].box.x0 == Approx(level[i].box.x0).margin(0.1));
      CHECK(lines[i].box.y1 == Approx(level[i].box.y1).margin(0.1));
      CHECK(lines[i].baseline_y == Approx(level[i].baseline_y).margin(0.1));
    }
  }
}

TEST_CASE("level pages, short words and lines that disagree have no skew") {
  CHECK(skew_of(page(0.001f)) == 0);
  std::vector<ReadBox> words;
  for (int i = 0; i < 12; ++i) words.push_back(box(100, 100, 160, 140, "word", 0.05f));
  CHECK(skew_of(words) == 0);
  std::vector<ReadBox> fan;
  for (int i = 0; i < 12; ++i)
    fan.push_back(
        box(200, 300, 1500, 340, "lines of a bent page", 0.02f * static_cast<float>(i - 6)));
  CHECK(skew_of(fan) == 0);
}

TEST_CASE("what the straightened page shows is the page turned back") {
  const models::Quad quad = straight_page(1000, 1000, 0.1f);
  CHECK(quad.y[1] - quad.y[0] == Approx(1000 * std::sin(0.1f)));
  CHECK(quad.x[1] - quad.x[0] == Approx(1000 * std::cos(0.1f)));
}
