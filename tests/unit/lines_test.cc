#include <catch2/catch.hpp>

#include "document/stages.h"

using namespace pdf2md::document;

namespace {

// A page on which text is drawn glyph by glyph, each half an em wide.
struct Paper {
  PageContent content;
  Paper() {
    content.page = 1;
    content.width_pt = 600;
    content.height_pt = 800;
    content.fonts.resize(2);
    content.fonts[0].name = "Serif";
    content.fonts[1].name = "Serif-Bold";
    content.fonts[1].bold = true;
  }
  Glyph& glyph(std::string_view text, float x, float y, float size, float advance) {
    Glyph g;
    g.box = {x, y - 0.8f * size, x + advance, y + 0.2f * size};
    g.origin_x = x;
    g.origin_y = y;
    g.size_pt = size;
    g.text_offset = static_cast<uint32_t>(content.text.size());
    g.text_bytes = static_cast<uint8_t>(text.size());
    content.text += text;
    content.glyphs.push_back(g);
    return content.glyphs.back();
  }
  // Words parted by gaps, no drawn spaces. Returns where it ends.
  float draw(std::string_view words, float x, float y, float size = 10, uint16_t font = 0) {
    for (char c : words) {
      if (c != ' ') glyph(std::string_view(&c, 1), x, y, size, 0.5f * size).font = font;
      x += c == ' ' ? 0.3f * size : 0.5f * size;
    }
    return x;
  }
};

std::vector<std::string> texts(const std::vector<Line>& lines) {
  std::vector<std::string> out;
  for (const Line& line : lines) out.push_back(line.text());
  return out;
}

}  // namespace

TEST_CASE("words are parted by gaps, lines by baselines") {
  Paper paper;
  paper.draw("two words", 50, 100);
  paper.draw("below", 50, 112);
  CHECK(texts(lines_from_glyphs(paper.content)) == std::vector<std::string>{"two words", "below"});
}

TEST_CASE("tight lines keep their spaces") {
  Paper paper;
  float x = 50;
  for (std::string_view word : {"nepotis", "causa", "motus", "diva", "virtus"}) {
    x = paper.draw(word, x, 100);
    x += 1.2f;  // 0.12 of the size
  }
  CHECK(texts(lines_from_glyphs(paper.content)) ==
        std::vector<std::string>{"nepotis causa motus diva virtus"});
}

TEST_CASE("a leader does not take a title's spaces") {
  Paper paper;
  float x = paper.draw("the title of it", 50, 100);
  for (int i = 0; i < 40; ++i) {
    x += 4.5f;
    x = paper.draw(".", x, 100, 10);
  }
  CHECK(texts(lines_from_glyphs(paper.content)).front().starts_with("the title of it"));
}

TEST_CASE("words beside fixed-width ones keep their spaces") {
  Paper paper;
  paper.content.fonts[1].monospaced = true;
  float x = paper.draw("with ", 50, 100);
  x = paper.draw("a-long-name", x, 100, 10, 1);
  paper.draw(" and", x, 100);
  CHECK(texts(lines_from_glyphs(paper.content)) ==
        std::vector<std::string>{"with a-long-name and"});
}

TEST_CASE("a wide gap ends a line, so that lines do not span columns") {
  Paper paper;
  paper.draw("left", 50, 100);
  paper.draw("right", 300, 100);
  CHECK(lines_from_glyphs(paper.content).size() == 2);
}

TEST_CASE("a rule between two cells ends a line") {
  Paper paper;
  const float end = paper.draw("a", 50, 100);
  paper.draw("b", end + 3, 100);
  CHECK(lines_from_glyphs(paper.content).size() == 1);
  paper.content.rules.push_back({{end + 1, 85, end + 1.5f, 105}, 0});
  CHECK(lines_from_glyphs(paper.content).size() == 2);
}

TEST_CASE("a gutter that keeps its place parts lines although it is narrow") {
  Paper paper;
  for (int row = 0; row < 6; ++row) {
    paper.draw("abcd efg", 50, 100 + 12.0f * static_cast<float>(row));
    paper.draw("xyz uvw", 50 + 38 + 8, 100 + 12.0f * static_cast<float>(row));
  }
  CHECK(lines_from_glyphs(paper.content).size() == 12);
}

TEST_CASE("what a reader cannot see is left out") {
  Paper paper;
  paper.glyph("a", 50, 100, 10, 5);
  SECTION("invisible") {
    paper.content.glyphs[0].flags = kGlyphInvisible;
  }
  SECTION("off the page") {
    paper.content.glyphs[0].flags = kGlyphOffPage;
  }
  SECTION("covered") {
    paper.content.glyphs[0].flags = kGlyphCovered;
  }
  SECTION("white on white") {
    paper.content.glyphs[0].rgb = 0xFFFFFF;
  }
  SECTION("microscopic") {
    paper.content.glyphs[0].size_pt = 0.2f;
  }
  CHECK(lines_from_glyphs(paper.content).empty());
}

TEST_CASE("white text on a dark box is shown") {
  Paper paper;
  paper.glyph("a", 50, 100, 10, 5).rgb = 0xFFFFFF;
  paper.content.fills.push_back({{40, 80, 100, 120}, 0x000080, kFillFilled});
  CHECK(lines_from_glyphs(paper.content).size() == 1);
}

TEST_CASE("a character that is drawn twice is one bold character") {
  Paper paper;
  for (float shift : {0.0f, 0.3f}) paper.draw("bold", 50 + shift, 100);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text() == "bold");
  CHECK((lines[0].spans[0].style & kBold) != 0);
}

TEST_CASE("scripts stay in their line and are told apart") {
  Paper paper;
  const float end = paper.draw("x", 50, 100);
  paper.draw("2", end, 96, 6);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 1);
  REQUIRE(lines[0].spans.size() == 2);
  CHECK((lines[0].spans[1].style & kSuperscript) != 0);
  CHECK(lines[0].text() == "x2");
}

TEST_CASE("ligatures become letters, accents meet theirs") {
  Paper paper;
  paper.glyph("\xEF\xAC\x81", 50, 100, 10, 5);  // U+FB01
  paper.glyph("\xC2\xB4", 55, 100, 10, 5);      // an acute accent over an e
  paper.glyph("e", 55, 100, 10, 5);
  CHECK(texts(lines_from_glyphs(paper.content)) == std::vector<std::string>{"fi\xC3\xA9"});
}

TEST_CASE("right-to-left text is put into logical order, its numbers are kept") {
  Paper paper;
  // On paper, from the left: "12", a space, bet, alef.
  paper.draw("12", 50, 100);
  paper.glyph("\xD7\x91", 63, 100, 10, 5);
  paper.glyph("\xD7\x90", 68, 100, 10, 5);
  CHECK(texts(lines_from_glyphs(paper.content)) == std::vector<std::string>{"\xD7\x90\xD7\x91 12"});
}

TEST_CASE("turned text is read along its baseline") {
  Paper paper;
  for (int i = 0; i < 3; ++i) {
    Glyph& g = paper.glyph(std::string_view("abc").substr(static_cast<size_t>(i), 1), 0, 0, 10, 5);
    const float y = 100 + 5.0f * static_cast<float>(i);
    g.rotation = 90;
    g.origin_x = 50;
    g.origin_y = y;
    g.box = {48, y, 58, y + 5};
  }
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text() == "abc");
  CHECK(lines[0].rotation == 90);
}

TEST_CASE("East Asian characters below each other make vertical lines") {
  Paper paper;
  for (int column = 0; column < 2; ++column)
    for (int i = 0; i < 10; ++i)
      paper.glyph("\xE4\xB8\x80", 300 - 20.0f * static_cast<float>(column),
                  100 + 10.0f * static_cast<float>(i), 10, 10);
  const std::vector<Line> lines = lines_from_glyphs(paper.content);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].rotation == 90);
  CHECK(lines[0].text().size() == 30);
}
