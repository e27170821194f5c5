#include <catch2/catch.hpp>

#include "document/stages.h"

using namespace pdf2md::document;

namespace {

PageContent page_of(std::string_view text) {
  PageContent content;
  content.width_pt = 600;
  content.height_pt = 800;
  content.fonts.resize(1);
  content.text = text;
  float x = 20, y = 20;
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    while (i + length < text.size() &&
           (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80)
      ++length;
    Glyph g;
    g.text_offset = static_cast<uint32_t>(i);
    g.text_bytes = static_cast<uint8_t>(length);
    g.size_pt = 10;
    g.box = {x, y - 8, x + 5, y + 2};
    g.origin_x = x;
    g.origin_y = y;
    content.glyphs.push_back(g);
    x += 5;
    if (x > 560) x = 20, y += 12;
    i += length;
  }
  return content;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const std::string kEnglish =
    repeated("the quick brown fox jumps over the lazy dog and reads another line. ", 12);

}  // namespace

TEST_CASE("clean text of any kind is trusted without suspicion") {
  const std::vector<std::string> texts{
      kEnglish,
      repeated("Η αρχιτεκτονική του συστήματος είναι απλή και καθαρή. ", 12),
      repeated("Система хранит данные в нескольких местах одновременно. ", 12),
      repeated("系统的体系结构简单明了。", 30),
      repeated("3.14 2,718 100 % 42 -7.5 ", 30),
      repeated("Die Größe der Straßenbahn überrascht die Fahrgäste. ", 12)};
  for (const std::string& text : texts) {
    INFO(text);
    const TrustVerdict verdict = judge_text_layer(page_of(text));
    CHECK(verdict.verdict == TextLayer::kTrusted);
    CHECK_FALSE(verdict.suspicious);
    CHECK(verdict.reasons.empty());
  }
}

TEST_CASE("glyphs without Unicode are no text") {
  PageContent content = page_of(kEnglish);
  for (Glyph& g : content.glyphs) g.flags |= kGlyphNoUnicode;
  const TrustVerdict verdict = judge_text_layer(content);
  CHECK(verdict.verdict == TextLayer::kRejected);
  REQUIRE(verdict.reasons.size() == 1);
  CHECK(verdict.reasons[0].find("100 %") != std::string::npos);
}

TEST_CASE("private codes are no text, a few private bullets are") {
  std::string garbled, bullets;
  for (int i = 0; i < 300; ++i) {
    garbled += "\xEE\x80";
    garbled += static_cast<char>(0x80 + i % 40);
  }
  for (int i = 0; i < 20; ++i) bullets += "\xEF\x82\xB7 one item of a list ";
  CHECK(judge_text_layer(page_of(garbled)).verdict == TextLayer::kRejected);
  CHECK(judge_text_layer(page_of(bullets)).verdict == TextLayer::kTrusted);
}

TEST_CASE("a permuted alphabet is found out") {
  std::string text = kEnglish;
  for (char& c : text)
    if (c != ' ') c = static_cast<char>(33 + ((c - 32) * 37 + 11) % 94);
  const TrustVerdict verdict = judge_text_layer(page_of(text));
  CHECK((verdict.verdict == TextLayer::kRejected || verdict.suspicious));
}

TEST_CASE("a page-filling image without text is a scan") {
  PageContent content = page_of("");
  content.images.push_back({{0, 0, 600, 800}, 1700, 2200, false, false, true, "dct"});
  CHECK(judge_text_layer(content).verdict == TextLayer::kAbsent);
}

TEST_CASE("invisible text over a scan is another program's OCR") {
  PageContent content = page_of(kEnglish);
  content.images.push_back({{0, 0, 600, 800}, 1700, 2200, false, false, true, "dct"});
  CHECK(judge_text_layer(content).verdict == TextLayer::kTrusted);  // shown over a background
  for (Glyph& g : content.glyphs) g.flags |= kGlyphInvisible;
  CHECK(judge_text_layer(content).verdict == TextLayer::kRejected);
}

TEST_CASE("a sample of lines decides where there was suspicion") {
  TrustVerdict first;
  first.verdict = TextLayer::kTrusted;
  first.suspicious = true;
  const SampledLine good{"as it is printed", "as it is printed", 0.95f};
  const SampledLine bad{"xq zk wv jj qqpz", "as it is printed", 0.95f};
  const SampledLine unsure{"xq zk wv jj qqpz", "a? 1s", 0.3f};
  CHECK(judge_sample(first, {good, good, good}).verdict == TextLayer::kTrusted);
  CHECK_FALSE(judge_sample(first, {good, good}).suspicious);
  CHECK(judge_sample(first, {bad, bad, bad}).verdict == TextLayer::kRejected);
  CHECK(judge_sample(first, {unsure, unsure}).suspicious);  // proves nothing
}
