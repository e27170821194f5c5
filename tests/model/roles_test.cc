// The parts of the roles that need no network: boxes, decoding, tables, overlaps, images.
#include <cmath>

#include "models/roles/ctc.h"
#include "models/roles/layout.h"
#include "models/roles/line_pieces.h"
#include "models/roles/table_tokens.h"
#include "models/roles/text_boxes.h"

#include "catch.h"

using namespace pdf2md::models;

namespace {

// A probability map with rotated bars.
struct Map {
  int width = 200, height = 120;
  std::vector<float> values = std::vector<float>(size_t{200} * 120, 0.0f);
  float& at(int x, int y) {
    return values[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
  void bar(float cx, float cy, float length, float breadth, float degrees, float value) {
    const float c = std::cos(degrees * 3.14159265f / 180),
                s = std::sin(degrees * 3.14159265f / 180);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const float dx = static_cast<float>(x) - cx, dy = static_cast<float>(y) - cy;
        if (std::abs(dx * c + dy * s) <= length / 2 && std::abs(dy * c - dx * s) <= breadth / 2) {
          at(x, y) = value;
        }
      }
    }
  }
};

Image image_of(int width, int height, int channels, const std::vector<uint8_t>& pixels) {
  Image image;
  image.width = width, image.height = height, image.channels = channels, image.pixels = pixels;
  return image;
}

TableToken token(const char* text, float x0 = 0, float y0 = 0, float x1 = 0, float y1 = 0) {
  return TableToken{text, 1.0f, {x0, y0, x1, y0, x1, y1, x0, y1}};
}

}  // namespace

TEST_CASE("text boxes: bars become boxes that have grown", "[roles]") {
  Map map;
  map.bar(50, 20, 60, 10, 0, 0.9f);
  map.bar(60, 80, 80, 12, 10, 0.8f);
  map.bar(150, 60, 60, 10, 0, 0.4f);  // too unsure
  map.bar(180, 110, 2, 2, 0, 0.9f);   // too small
  const std::vector<TextBox> boxes = text_boxes(map.values.data(), map.width, map.height, {});
  REQUIRE(boxes.size() == 2);
  // area · 1.5 / perimeter = 60·10·1.5/140 = 6.43 on each side
  CHECK(boxes[0].quad.x[0] == Approx(50.5 - 30 - 6.43).margin(0.6));
  CHECK(boxes[0].quad.y[0] == Approx(20.5 - 5 - 6.43).margin(0.6));
  CHECK(boxes[0].quad.x[2] == Approx(50.5 + 30 + 6.43).margin(0.6));
  CHECK(boxes[0].score == Approx(0.9).margin(0.001));
  const double angle =
      std::atan2(boxes[1].quad.y[1] - boxes[1].quad.y[0], boxes[1].quad.x[1] - boxes[1].quad.x[0]);
  CHECK(angle * 180 / 3.14159265 == Approx(10).margin(1.0));
}

TEST_CASE("text boxes: bars that touch by a corner are one", "[roles]") {
  Map map;
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 20; ++k) {
      map.at(20 + k, 20 + i) = 1;
      map.at(40 + k, 40 + i) = 1;
    }
  }
  TextBoxSettings settings;
  settings.box_threshold = 0.3f;
  CHECK(text_boxes(map.values.data(), map.width, map.height, settings).size() == 1);
}

TEST_CASE("the smallest rectangle around points lies along their longest side", "[roles]") {
  const RotatedRect rect = min_area_rect({{0, 0}, {10, 10}, {8, 12}, {-2, 2}, {4, 6}});
  CHECK(std::max(rect.length, rect.breadth) == Approx(std::sqrt(200.0)).margin(0.01));
  CHECK(std::min(rect.length, rect.breadth) == Approx(std::sqrt(8.0)).margin(0.01));
  const Quad quad = corners(rect);
  CHECK(quad.x[0] < quad.x[1]);  // top-left, top-right
  CHECK(quad.y[0] < quad.y[3]);  // top-left, bottom-left
}

TEST_CASE("CTC: repeats collapse, blanks separate, positions are centres", "[roles]") {
  const std::vector<std::string> charset = {"a", "b", "é"};
  const std::vector<int32_t> classes = {1, 1, 0, 1, 2, 0, 3, 0};
  const std::vector<float> probabilities = {0.9f, 0.7f, 1, 0.8f, 1, 1, 0.7f, 1};
  const RecognisedText text = decode_ctc(classes, probabilities, charset, 8, 64);
  CHECK(text.text == "aabé");
  REQUIRE(text.positions.size() == 4);
  CHECK(text.positions[0] == Approx(8.0 / 64));
  CHECK(text.positions[3] == Approx(52.0 / 64));
  CHECK(text.confidence == Approx(0.85));  // (0.9 + 0.8 + 1 + 0.7) / 4
  CHECK(decode_ctc(std::vector<int32_t>{0, 0}, std::vector<float>{1, 1}, charset, 8, 16)
            .text.empty());
}

TEST_CASE("table tokens: spans, header rows and boxes", "[roles]") {
  const std::vector<TableToken> tokens = {token("<thead>"),
                                          token("<tr>"),
                                          token("<td", 0, 0, 0.5f, 0.1f),
                                          token(" colspan=\"2\""),
                                          token(">"),
                                          token("</td>"),
                                          token("<td></td>", 0.5f, 0, 1, 0.1f),
                                          token("</tr>"),
                                          token("</thead>"),
                                          token("<tbody>"),
                                          token("<tr>"),
                                          token("<td"),
                                          token(" rowspan=\"2\""),
                                          token(">"),
                                          token("</td>"),
                                          token("<td></td>"),
                                          token("<td></td>"),
                                          token("</tr>"),
                                          token("<tr>"),
                                          token("<td></td>"),
                                          token("<td></td>"),
                                          token("</tr>"),
                                          token("</tbody>")};
  const TableStructure table = assemble_table(tokens, 200, 200, 200, 100);
  CHECK(table.rows == 3);
  CHECK(table.columns == 3);
  REQUIRE(table.cells.size() == 7);
  CHECK(table.cells[0].column_span == 2);
  CHECK(table.cells[0].header);
  CHECK(table.cells[0].x1 == Approx(100));
  CHECK(table.cells[0].y1 == Approx(20));
  CHECK(table.cells[1].column == 2);
  CHECK(table.cells[2].row_span == 2);
  CHECK_FALSE(table.cells[2].header);
  CHECK(table.cells[5].row == 2);
  CHECK(table.cells[5].column == 1);  // the place below the tall cell is taken
  CHECK(table.confidence == Approx(1.0));
}

TEST_CASE("table tokens: damaged structure gives cells within the grid", "[roles]") {
  const std::vector<TableToken> tokens = {
      token(">"), token("<td></td>"), token("<td"), token(" rowspan=\"20\""),
      token(">"), token("</tr>"),     token("<td"), token("<tr>")};
  const TableStructure table = assemble_table(tokens, 10, 10, 10, 10);
  CHECK(table.rows == 3);
  for (const TableCell& cell : table.cells) {
    CHECK(cell.row + cell.row_span <= table.rows);
    CHECK(cell.column + cell.column_span <= table.columns);
  }
}

TEST_CASE("overlapping layout boxes: the surest of a class stays", "[roles]") {
  const std::vector<LayoutBox> kept = suppress_overlaps(
      {{LayoutClass::kText, 0, 0, 100, 100, 0.6f},
       {LayoutClass::kText, 5, 5, 100, 100, 0.9f},
       {LayoutClass::kTable, 0, 0, 100, 70, 0.7f},    // another class, overlaps by 0.63
       {LayoutClass::kFigure, 4, 4, 100, 100, 0.5f},  // another class, nearly the same box
       {LayoutClass::kText, 200, 0, 300, 100, 0.4f}},
      0.5f, 0.8f);
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].score == 0.9f);
  CHECK(kept[1].type == LayoutClass::kTable);
  CHECK(kept[2].x0 == 200);
}

TEST_CASE("images: turning, scaling and cropping", "[roles]") {
  const Image image = image_of(3, 2, 1, {1, 2, 3, 4, 5, 6});
  CHECK((rotated(image.view(), 90).pixels == std::vector<uint8_t>{4, 1, 5, 2, 6, 3}));
  CHECK((rotated(image.view(), 180).pixels == std::vector<uint8_t>{6, 5, 4, 3, 2, 1}));
  CHECK((rotated(image.view(), 270).pixels == std::vector<uint8_t>{3, 6, 2, 5, 1, 4}));
  const Image square = image_of(4, 2, 1, {0, 10, 20, 30, 40, 50, 60, 70});
  CHECK((resized(square.view(), 2, 1).pixels == std::vector<uint8_t>{25, 45}));  // means of 2×2
  CHECK((resized(square.view(), 4, 2).pixels == square.pixels));
  CHECK((resized(image_of(2, 1, 1, {0, 100}).view(), 4, 1).pixels ==
         std::vector<uint8_t>{0, 25, 75, 100}));

  const Quad whole{{0, 4, 4, 0}, {0, 0, 2, 2}};
  const Image crop = crop_quad(square.view(), whole);
  REQUIRE(crop.channels == 1);
  REQUIRE(crop.width == 4);
  REQUIRE(crop.height == 2);
  for (size_t i = 0; i < 8; ++i) CHECK(crop.pixels[i] == square.pixels[i]);
  // Outside the picture its border goes on; an upright strip is laid down.
  const Image strip = crop_quad(square.view(), Quad{{0, 1, 1, 0}, {-2, -2, 4, 4}});
  CHECK(strip.width == 6);
  CHECK(strip.height == 1);
}

TEST_CASE("images: a quick crop differs from the exact one by a few greys", "[roles]") {
  Image image = image_of(300, 200, 1, {});
  for (size_t i = 0; i < size_t{300} * 200; ++i)
    image.pixels.push_back(static_cast<uint8_t>((i % 300) / 2 + (i / 300) / 2));
  for (const Quad& quad :
       {Quad{{10, 250, 250, 10}, {20, 20, 52, 52}}, Quad{{20, 260, 258, 18}, {40, 48, 80, 72}},
        Quad{{100, 130, 134, 104}, {10, 8, 150, 152}}, Quad{{-20, 60, 80, 0}, {-9, -3, 30, 24}}}) {
    const Image exact = crop_quad(image.view(), quad), quick = crop_quickly(image.view(), quad);
    REQUIRE(quick.width == exact.width);
    REQUIRE(quick.height == exact.height);
    int worst = 0;
    for (size_t i = 0; i < exact.pixels.size(); ++i)
      worst = std::max(worst, std::abs(int{quick.pixels[i]} - int{exact.pixels[i]}));
    CHECK(worst <= 2);
  }
}

TEST_CASE("a line that is too long is cut in gaps and joined again", "[roles]") {
  // 48 high, 1000 wide, ink everywhere but in two gaps.
  Image line = image_of(1000, 48, 1, std::vector<uint8_t>(size_t{1000} * 48, 255));
  for (size_t x = 0; x < 1000; ++x) {
    if ((x >= 380 && x < 395) || (x >= 700 && x < 704)) continue;
    for (size_t y = 10; y < 40; y += 2) line.pixels[y * 1000 + x] = 0;
  }
  const std::vector<LinePiece> pieces = cut_strip(1000, 48, 500, blank_columns(line.view()));
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].end == 387);  // the middle of the first gap
  CHECK(pieces[1].space_before);
  CHECK_FALSE(pieces[2].space_before);
  RecognisedText word;
  word.text = "ab";
  word.confidence = 0.5f;
  word.positions = {0.25f, 0.75f};
  const RecognisedText joined = join_pieces(pieces, 1000, {word, word, word});
  CHECK(joined.text == "ab abab");
  CHECK(joined.positions.size() == 7);
  CHECK(std::is_sorted(joined.positions.begin(), joined.positions.end()));
  CHECK(joined.confidence == Approx(0.5));
}
