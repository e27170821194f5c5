#include <catch2/catch.hpp>

#include "document/stages.h"

using namespace pdf2md::document;

namespace {

// A page set in Times whose formulas are set in Computer Modern, glyph by glyph.
struct Paper {
  enum FontNumber : uint16_t { kText, kItalic, kRoman, kSymbols, kExtension, kBold, kItalicText };
  PageContent content;
  Paper() {
    content.page = 1;
    content.width_pt = 600;
    content.height_pt = 800;
    for (const char* name :
         {"Times-Roman", "CMMI10", "CMR10", "CMSY10", "CMEX10", "CMBX10", "Times-Italic"}) {
      Font font;
      font.name = name;
      content.fonts.push_back(font);
    }
    content.fonts[kBold].bold = true;
    content.fonts[kItalic].italic = content.fonts[kItalicText].italic = true;
  }
  // Returns where it ends. Widths are of the size.
  float glyph(std::string_view text, float x, float y, FontNumber font, float size = 10,
              float width = 0.5f) {
    Glyph g;
    g.box = {x, y - 0.8f * size, x + width * size, y + 0.2f * size};
    g.origin_x = x;
    g.origin_y = y;
    g.size_pt = size;
    g.font = font;
    g.text_offset = static_cast<uint32_t>(content.text.size());
    g.text_bytes = static_cast<uint8_t>(text.size());
    content.text += text;
    content.glyphs.push_back(g);
    return x + width * size;
  }
  float words(std::string_view text, float x, float y, FontNumber font = kText, float size = 10) {
    for (const char& c : text) {
      if (c != ' ') glyph(std::string_view(&c, 1), x, y, font, size);
      x += c == ' ' ? 0.3f * size : 0.5f * size;
    }
    return x;
  }
  void bar(float x0, float x1, float y) {
    content.rules.push_back({{x0, y - 0.2f, x1, y + 0.2f}, 0});
  }
  std::string line(size_t index = 0) const {
    const std::vector<Line> lines = lines_from_glyphs(content);
    return index < lines.size() ? lines[index].text() : "";
  }
};

bool is_formula(const Line& line) {
  return line.spans.size() == 1 && line.spans[0].style == kMath;
}

}  // namespace

TEST_CASE("letters of a mathematical font are a formula, words beside it are not") {
  Paper paper;
  float x = paper.words("for ", 50, 100);
  x = paper.glyph("\xCE\xB2", x, 100, Paper::kItalic) + 2.8f;
  x = paper.glyph("=", x, 100, Paper::kRoman, 10, 0.78f) + 2.8f;
  x = paper.glyph("0", x, 100, Paper::kRoman);
  x = paper.glyph(".", x, 100, Paper::kItalic, 10, 0.28f);
  x = paper.glyph("5", x, 100, Paper::kRoman);
  paper.words(" we", x, 100);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text() == "for \\beta = 0.5 we");
  REQUIRE(lines[0].spans.size() >= 3);
  CHECK(lines[0].spans[1].style == kMath);
  CHECK(lines[0].spans[1].text == "\\beta = 0.5");
}

TEST_CASE("the sentence's full stop is not the formula's") {
  Paper paper;
  float x = paper.words("of ", 50, 100);
  x = paper.glyph("n", x, 100, Paper::kItalic);
  paper.glyph(".", x, 100, Paper::kText, 10, 0.25f);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines[0].spans.size() == 3);
  CHECK(lines[0].spans[1].text == "n");
  CHECK(lines[0].spans[2].text == ".");
}

TEST_CASE("scripts go to what they stand beside") {
  Paper paper;
  float x = paper.glyph("x", 50, 100, Paper::kItalic);
  paper.glyph("2", x, 96, Paper::kRoman, 7);
  x = paper.glyph("i", x, 102.5f, Paper::kItalic, 7) + 2.2f;
  x = paper.glyph("+", x, 100, Paper::kRoman, 10, 0.78f) + 2.2f;
  x = paper.glyph("v", x, 100, Paper::kBold);
  x = paper.glyph("t", x, 101.5f, Paper::kItalic, 7);
  x = paper.glyph("\xE2\x88\x92", x, 101.5f, Paper::kSymbols, 7, 0.8f);
  paper.glyph("1", x, 101.5f, Paper::kRoman, 7);
  CHECK(paper.line() == "x_i^2 + \\mathbf{v}_{t-1}");
}

TEST_CASE("a bar with a text in the middle above and below is a fraction") {
  Paper paper;
  paper.glyph("1", 60, 95.8f, Paper::kRoman);
  paper.bar(55, 70, 100);
  float x = paper.glyph("n", 55, 109.4f, Paper::kItalic);
  x = paper.glyph("+", x, 109.4f, Paper::kRoman);
  paper.glyph("1", x, 109.4f, Paper::kRoman);
  CHECK(paper.line() == "\\frac{1}{n + 1}");
}

TEST_CASE("texts between rules are no fraction") {
  Paper paper;
  paper.glyph("x", 20, 60, Paper::kItalic);
  paper.words("Total", 55, 95.8f);
  paper.bar(55, 80, 100);
  paper.words("cost", 58, 109.4f);
  for (const Line& line : lines_from_glyphs(paper.content))
    CHECK(line.text().find("frac") == std::string::npos);
}

TEST_CASE("an operator has its limits above and below") {
  Paper paper;
  // Extension fonts hang from their origin.
  paper.glyph("\xE2\x88\x91", 50, 90.5f, Paper::kExtension, 10, 1.444f);
  float x = paper.glyph("i", 50.5f, 111.6f, Paper::kItalic, 7);
  x = paper.glyph("=", x, 111.6f, Paper::kRoman, 7, 0.8f);
  paper.glyph("1", x, 111.6f, Paper::kRoman, 7);
  paper.glyph("n", 55.5f, 87.5f, Paper::kItalic, 7);
  x = paper.glyph("x", 66.5f, 100, Paper::kItalic);
  paper.glyph("i", x, 101.5f, Paper::kItalic, 7);
  CHECK(paper.line() == "\\sum_{i=1}^n x_i");
}

TEST_CASE("a root reaches as far as its bar") {
  Paper paper;
  const float x = paper.glyph("\xE2\x88\x9A", 50, 92, Paper::kSymbols, 10, 0.83f);
  paper.bar(x, x + 10, 92);
  paper.glyph("b", x, 100, Paper::kItalic);
  paper.glyph("+", x + 14, 100, Paper::kRoman, 10, 0.78f);
  paper.glyph("c", x + 24, 100, Paper::kItalic);
  CHECK(paper.line() == "\\sqrt{b} + c");
}

TEST_CASE("rows between tall brackets are a matrix") {
  Paper paper;
  paper.glyph("[", 50, 82, Paper::kExtension, 10, 0.528f);
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 2; ++column)
      paper.glyph(row == column ? "a" : "b", 58 + 15.0f * static_cast<float>(column),
                  90 + 12.0f * static_cast<float>(row), Paper::kItalic);
  paper.glyph("]", 82, 82, Paper::kExtension, 10, 0.528f);
  CHECK(paper.line() == "\\begin{bmatrix} a & b \\\\ b & a \\end{bmatrix}");
}

TEST_CASE("a glyph without Unicode makes no formula") {
  Paper paper;
  float x = paper.glyph("a", 50, 100, Paper::kItalic);
  paper.glyph("\xEF\xBF\xBD", x, 100, Paper::kSymbols);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 1);
  CHECK_FALSE(is_formula(lines[0]));
}

TEST_CASE("pages without mathematical fonts have no formulas") {
  Paper paper;
  float x = paper.words("x = 3 and ", 50, 100);
  x = paper.glyph("2", x, 96, Paper::kText, 7);
  for (const Line& line : lines_from_glyphs(paper.content))
    for (const Span& span : line.spans) CHECK((span.style & kMath) == 0);
}

TEST_CASE("letters of one advance are of a fixed-width font, whatever it says") {
  Paper paper;
  float x = paper.words("the width of ", 50, 100);
  for (const char c : std::string_view("ijlmwabcdx"))
    x = paper.glyph(std::string_view(&c, 1), x, 100, Paper::kItalicText, 10, 0.6f);
  for (const Line& line : lines_from_glyphs(paper.content))
    CHECK((line.spans.back().style & kMonospaced) != 0);
}
