// What the reader finds on a page: through ReaderClient, with the real program and small documents.
#include <catch2/catch.hpp>

#include "tests/process/reader_fixture.h"

namespace pdf2md::test {
namespace {

using document::Glyph;
using document::PageContent;

const Glyph& glyph(const PageContent& content, size_t index) {
  REQUIRE(index < content.glyphs.size());
  return content.glyphs[index];
}

// Helvetica: A is 667/1000 wide.
TEST_CASE("text comes with position, size, font and colour") {
  OpenReader reader(
      PdfBuilder()
          .page("BT /F1 10 Tf 1 0 0 rg 100 700 Td (AB) Tj /F2 20 Tf 0 0 1 rg 0 -100 Td (c) Tj ET")
          .build());
  PageContent page = reader.page(1);
  CHECK(page.width_pt == 612);
  CHECK(page.height_pt == 792);
  CHECK(all_text(page) == "ABc");
  const Glyph& a = glyph(page, 0);
  CHECK(a.origin_x == Approx(100));
  CHECK(a.origin_y == Approx(92));
  CHECK(a.box.x0 == Approx(100));
  CHECK(a.box.x1 == Approx(106.67));
  CHECK(a.box.y0 < 92 - 6);
  CHECK(a.box.y1 > 92 + 1);
  CHECK(a.box.y1 < 92 + 4);
  CHECK(a.size_pt == Approx(10));
  CHECK(a.rgb == 0xFF0000u);
  CHECK(a.rotation == 0);
  CHECK(glyph(page, 1).box.x0 == Approx(106.67));
  const Glyph& c = glyph(page, 2);
  CHECK(c.origin_y == Approx(192));
  CHECK(c.size_pt == Approx(20));
  CHECK(c.rgb == 0x0000FFu);
  CHECK(page.fonts[a.font].name == "Helvetica");
  CHECK_FALSE(page.fonts[a.font].bold);
  CHECK(page.fonts[c.font].name == "Courier-Bold");
  CHECK(page.fonts[c.font].bold);
  CHECK(page.fonts[c.font].monospaced);
}

TEST_CASE("character and word spacing belong to no glyph") {
  OpenReader reader(PdfBuilder().page("BT /F1 10 Tf 5 Tc 50 Tw 100 700 Td (A A) Tj ET").build());
  PageContent page = reader.page(1);
  CHECK(glyph(page, 0).box.x1 == Approx(106.67));
  CHECK(glyph(page, 1).box.x0 == Approx(111.67));
  CHECK(glyph(page, 1).box.width() == Approx(2.78).margin(0.01));
  CHECK((glyph(page, 1).flags & document::kGlyphSpace) != 0);
  CHECK(glyph(page, 2).box.x0 == Approx(111.67 + 2.78 + 55).margin(0.01));
}

TEST_CASE("boxes are in the page as shown: crop box and page rotation applied") {
  std::string content = "BT /F1 10 Tf 100 700 Td (A) Tj ET";
  OpenReader reader(PdfBuilder()
                        .page(PdfPage{content, "0 0 612 792", "/Rotate 90"})
                        .page(PdfPage{content, "0 0 612 792", "/Rotate 180"})
                        .page(PdfPage{content, "0 0 612 792", "/Rotate 270"})
                        .page(PdfPage{content, "0 0 612 792", "/CropBox [ 50 400 612 792 ]"})
                        .build());
  PageContent quarter = reader.page(1);
  CHECK(quarter.width_pt == 792);
  CHECK(quarter.rotation == 90);
  CHECK(glyph(quarter, 0).rotation == 90);
  CHECK(glyph(quarter, 0).origin_x == Approx(700));
  CHECK(glyph(quarter, 0).origin_y == Approx(100));
  CHECK(glyph(quarter, 0).box.height() == Approx(6.67));
  PageContent half = reader.page(2);
  CHECK(glyph(half, 0).rotation == 180);
  CHECK(glyph(half, 0).origin_x == Approx(512));
  CHECK(glyph(half, 0).origin_y == Approx(700));
  CHECK(glyph(reader.page(3), 0).rotation == 270);
  PageContent cropped = reader.page(4);
  CHECK(cropped.width_pt == 562);
  CHECK(cropped.height_pt == 392);
  CHECK(glyph(cropped, 0).origin_x == Approx(50));
  CHECK(glyph(cropped, 0).origin_y == Approx(92));
}

TEST_CASE("rotated, scaled and slanted text has the angle and size it is shown with") {
  OpenReader reader(PdfBuilder()
                        .page("BT /F1 10 Tf 0 1 -1 0 300 300 Tm (A) Tj "  // reads upwards
                              "0.866 0.5 -0.5 0.866 300 300 Tm (B) Tj "   // 30° against the clock
                              "2 0 0.6 2 300 300 Tm (C) Tj ET")           // double size, slanted
                        .build());
  PageContent page = reader.page(1);
  CHECK(glyph(page, 0).rotation == 270);
  CHECK(glyph(page, 0).box.height() == Approx(6.67));
  CHECK(glyph(page, 0).box.y1 == Approx(792 - 300));
  CHECK(glyph(page, 1).rotation == 330);
  CHECK(glyph(page, 1).size_pt == Approx(10).margin(0.01));
  CHECK(glyph(page, 2).size_pt == Approx(20));
}

TEST_CASE("text that nobody sees is told apart") {
  OpenReader reader(PdfBuilder()
                        .page("BT /F1 10 Tf 100 700 Td (seen) Tj 3 Tr (mode) Tj 0 Tr ET "
                              "q 400 400 50 50 re W n BT /F1 10 Tf 100 600 Td (clipped) Tj ET Q "
                              "BT /F1 10 Tf 100 -50 Td (below) Tj ET "
                              "BT /F1 10 Tf 100 500 Td (hidden) Tj ET 1 g 90 490 200 30 re f 0 g "
                              "BT /F1 10 Tf 100 500 Td (again) Tj ET")
                        .build());
  PageContent page = reader.page(1);
  constexpr int kHidden =
      document::kGlyphInvisible | document::kGlyphOffPage | document::kGlyphCovered;
  CHECK(text_without(page, kHidden) == "seenagain");
  CHECK(text_without(page, document::kGlyphInvisible) == "seenbelowhiddenagain");
  CHECK(text_without(page, document::kGlyphOffPage) == "seenmodeclippedhiddenagain");
  CHECK(text_without(page, document::kGlyphCovered) == "seenmodeclippedbelowagain");
}

TEST_CASE("what only might hide text does not mark it covered") {
  PdfBuilder highlight;
  highlight.page("BT /F1 10 Tf 100 500 Td (kept) Tj ET /Half gs 90 490 200 30 re f");
  highlight.fonts(">> /ExtGState << /Half << /ca 0.5 >>");
  OpenReader transparent(highlight.build());
  CHECK(text_without(transparent.page(1), document::kGlyphCovered) == "kept");
  OpenReader clipped(PdfBuilder()
                         .page("BT /F1 10 Tf 100 500 Td (kept) Tj ET "
                               "q 0 0 m 300 0 l 0 300 l h W n 0 0 612 792 re f Q")
                         .build());
  CHECK(text_without(clipped.page(1), document::kGlyphCovered) == "kept");
  OpenReader stroked(
      PdfBuilder().page("BT /F1 10 Tf 100 500 Td (kept) Tj ET 90 490 200 30 re S").build());
  CHECK(text_without(stroked.page(1), document::kGlyphCovered) == "kept");
}

TEST_CASE("lines and thin boxes are rules, other boxes fills, the rest drawings") {
  OpenReader reader(PdfBuilder()
                        .page("0.5 w 100 700 m 300 700 l S "   // a stroked line
                              "100 600 200 1 re f "            // a thin filled box
                              "1 0 0 rg 100 400 200 50 re f "  // shading
                              "100 300 200 50 re S "           // a frame: four rules
                              "0 w 50 100 m 50 200 l S "       // a hairline
                              "200 100 m 250 150 300 150 350 100 c S "
                              "100 100 m 150 180 l S")  // neither horizontal nor vertical
                        .build());
  PageContent page = reader.page(1);
  REQUIRE(page.rules.size() == 7);
  CHECK(page.rules[0].box.x0 == Approx(100));
  CHECK(page.rules[0].box.x1 == Approx(300));
  CHECK(page.rules[0].box.y0 == Approx(91.75));
  CHECK(page.rules[0].box.y1 == Approx(92.25));
  CHECK(page.rules[1].box.height() == Approx(1));
  CHECK(page.rules[6].box.width() == Approx(0.1).margin(0.001));
  REQUIRE(page.fills.size() == 3);
  CHECK(page.fills[0].box.y0 == Approx(342));
  CHECK(page.fills[0].rgb == 0xFF0000u);
  CHECK(page.fills[0].flags == document::kFillFilled);
  CHECK(page.fills[1].flags == (document::kFillStroked | document::kFillCurved));
  CHECK(page.fills[2].flags == (document::kFillStroked | document::kFillCurved));
}

TEST_CASE("images come with placement, size and kind") {
  PdfBuilder builder;
  builder.page(
      "q 200 0 0 100 50 600 cm /Im1 Do Q q 10 0 0 10 0 0 cm BI /W 4 /H 2 /CS /G /BPC 8 ID abcdefgh "
      "EI Q "
      "BT /F1 10 Tf 100 300 Td (after) Tj ET");
  int number = builder.add_stream(
      "/Type /XObject /Subtype /Image /Width 2 /Height 3 /BitsPerComponent 1 /ColorSpace "
      "/DeviceGray",
      "abc");
  builder.xobjects("/Im1 " + std::to_string(number) + " 0 R");
  OpenReader reader(builder.build());
  PageContent page = reader.page(1);
  REQUIRE(page.images.size() == 2);
  CHECK(page.images[0].box.x0 == Approx(50));
  CHECK(page.images[0].box.x1 == Approx(250));
  CHECK(page.images[0].box.y0 == Approx(92));
  CHECK(page.images[0].box.y1 == Approx(192));
  CHECK(page.images[0].width_px == 2);
  CHECK(page.images[0].height_px == 3);
  CHECK(page.images[0].bilevel);
  CHECK(page.images[1].width_px == 4);
  CHECK(page.images[1].grey);
  CHECK_FALSE(page.images[1].bilevel);
  CHECK(all_text(page) == "after");  // the inline image's bytes were skipped exactly
}

TEST_CASE("replacement text is dealt out to the glyphs it replaces") {
  OpenReader reader(
      PdfBuilder()
          .page("BT /F1 10 Tf 100 700 Td (x) Tj /Span << /ActualText (word) >> BDC (ab) Tj EMC "
                "/Span << /ActualText () >> BDC (-) Tj EMC (y) Tj ET")
          .build());
  PageContent page = reader.page(1);
  CHECK(all_text(page) == "xwordy");
  REQUIRE(page.glyphs.size() == 5);
  CHECK(page.glyph_text(page.glyphs[1]) == "wo");
  CHECK((page.glyphs[1].flags & document::kGlyphActualText) != 0);
  CHECK((page.glyphs[4].flags & document::kGlyphActualText) == 0);
}

TEST_CASE("codes without a Unicode are marked, not guessed") {
  PdfBuilder builder;
  builder.page("BT /F3 10 Tf 100 700 Td (A\\001) Tj ET");
  int font = builder.next_object();
  builder.add(
      "<< /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+Odd /FirstChar 1 /LastChar 1 /Widths [ 500 "
      "] "
      "/Encoding << /Differences [ 1 /nosuchglyphname ] >> >>");
  builder.fonts("/F3 " + std::to_string(font) + " 0 R");
  OpenReader reader(builder.build());
  PageContent page = reader.page(1);
  REQUIRE(page.glyphs.size() == 2);
  CHECK((page.glyphs[0].flags & document::kGlyphNoUnicode) == 0);
  CHECK((page.glyphs[1].flags & document::kGlyphNoUnicode) != 0);
  CHECK(page.glyph_text(page.glyphs[1]) == "\xEF\xBF\xBD");
  CHECK(page.fonts[page.glyphs[0].font].name == "Odd");
}

TEST_CASE("vertical writing runs down from the pen") {
  PdfBuilder builder;
  builder.page("BT /F3 20 Tf 300 700 Td <65E5672C> Tj ET");  // 日本
  int font = builder.next_object();
  builder.add(
      "<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /UniJIS-UTF16-V "
      "/DescendantFonts [ << /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light "
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 5 >> >> ] >>");
  builder.fonts("/F3 " + std::to_string(font) + " 0 R");
  OpenReader reader(builder.build());
  PageContent page = reader.page(1);
  CHECK(all_text(page) == "日本");
  const Glyph& first = glyph(page, 0);
  CHECK((first.flags & document::kGlyphVertical) != 0);
  CHECK(first.box.x0 == Approx(290));
  CHECK(first.box.x1 == Approx(310));
  CHECK(first.box.y0 == Approx(92));
  CHECK(first.box.y1 == Approx(112));
  CHECK(glyph(page, 1).origin_y == Approx(112));
}

TEST_CASE("a Type 3 font's size comes from its glyphs") {
  PdfBuilder builder;
  builder.page("BT /F3 1 Tf 100 700 Td (a) Tj ET");
  int font = builder.next_object();
  // A font in pixels: 10 units are one point here, and its glyph stands 70 above and 20 below the
  // line.
  builder.add(
      "<< /Type /Font /Subtype /Type3 /FontBBox [ 0 0 0 0 ] /FontMatrix [ 0.1 0 0 0.1 0 0 ] "
      "/FirstChar 97 "
      "/LastChar 97 /Widths [ 50 ] /Encoding << /Differences [ 97 /a ] >> /CharProcs << /a " +
      std::to_string(font + 1) + " 0 R >> >>");
  builder.add_stream("", "50 0 0 -20 50 70 d1 0 -20 50 90 re f");
  builder.fonts("/F3 " + std::to_string(font) + " 0 R");
  OpenReader reader(builder.build());
  PageContent page = reader.page(1);
  const Glyph& a = glyph(page, 0);
  CHECK(all_text(page) == "a");
  CHECK(page.fonts[a.font].type3);
  CHECK(a.box.width() == Approx(5));
  CHECK(a.box.y0 == Approx(92 - 7));
  CHECK(a.box.y1 == Approx(92 + 2));
  CHECK(a.size_pt == Approx(9.333).margin(0.01));
  CHECK(page.fills.empty());
}

TEST_CASE("layers that are switched off are not read") {
  PdfBuilder builder;
  builder.page(PdfPage{
      "/OC /Off BDC BT /F1 10 Tf 100 700 Td (no) Tj ET EMC BT /F1 10 Tf 100 600 Td (yes) Tj ET",
      "0 0 612 792", ""});
  int layer = builder.next_object();
  builder.add("<< /Type /OCG /Name (layer) >>");
  std::string ref = std::to_string(layer) + " 0 R";
  builder.catalog("/OCProperties << /OCGs [ " + ref + " ] /D << /OFF [ " + ref + " ] >> >>");
  // The builder's pages have no /Properties: put them beside the fonts.
  builder.fonts(">> /Properties << /Off " + ref);
  OpenReader reader(builder.build());
  CHECK(all_text(reader.page(1)) == "yes");
}

}  // namespace
}  // namespace pdf2md::test
