#include "document/ocr_text.h"

#include <catch2/catch.hpp>

#include "tests/unit/page_builder.h"

using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

std::string mended(const std::vector<std::string>& lines, bool french = false,
                   BlockType type = BlockType::kText) {
  Block block = text(100, lines, type);
  for (Line& line : block.lines) line.source = Source::kOcr;
  mend_ocr_text(block, french);
  std::string all;
  for (const Line& line : block.lines) all += (all.empty() ? "" : "\n") + line.text();
  return all;
}

}  // namespace

TEST_CASE("old books' space before punctuation goes, but for French") {
  CHECK(mended({"his victory ; and who ? It is this : that"}) ==
        "his victory; and who? It is this: that");
  CHECK(mended({"sa victoire ; et qui ?"}, true) == "sa victoire ; et qui ?");
  CHECK(mended({"to be continued . . . here"}) == "to be continued . . . here");
  CHECK(mended({"f : X, a ratio of 3 : 4"}) == "f : X, a ratio of 3 : 4");
}

TEST_CASE("lost spaces beside quotation marks come back") {
  CHECK(mended({"\"You, indeed,\"said the old woman,\"may go.\""}) ==
        "\"You, indeed,\" said the old woman, \"may go.\"");
  CHECK(mended({"a \"quotation that", "goes on,\"he said"}) ==
        "a \"quotation that\ngoes on,\" he said");
  CHECK(mended({"his \" Anatomy \" was read"}) == "his \"Anatomy\" was read");
  CHECK(mended({"5\"x3\" boards"}) == "5\"x3\" boards");
}

TEST_CASE("an opening mark read as an apostrophe is known by its closing one") {
  CHECK(mended({"she growled; 'I saw him", "there.\" And 'tis so."}) ==
        "she growled; \"I saw him\nthere.\" And 'tis so.");
  CHECK(mended({"the sign said 'Closed.' He said \"no.\""}) ==
        "the sign said 'Closed.' He said \"no.\"");
}

TEST_CASE("a text layer and code stay as they are") {
  Block layer = text(100, {"so it was ; he said"});
  mend_ocr_text(layer, false);
  CHECK(layer.lines[0].text() == "so it was ; he said");
  CHECK(mended({"while (next ) ;"}, false, BlockType::kCode) == "while (next ) ;");
}
