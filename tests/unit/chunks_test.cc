#include "document/chunks.h"

#include <catch2/catch.hpp>

#include "proto/value.h"
#include "tests/unit/page_builder.h"

using namespace pdf2md;
using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

std::vector<std::string> chunks(const std::vector<PageRecord>& records, uint32_t limit) {
  proto::JobOptions options;
  options.outputs = {"chunks"};
  options.chunk_tokens = limit;
  const std::string all = output(records, options);
  std::vector<std::string> lines;
  for (size_t start = 0; start < all.size();) {
    const size_t end = all.find('\n', start);
    lines.push_back(all.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string words(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "word ";
  return text + "end.";
}

}  // namespace

TEST_CASE("tokens are estimated on the high side") {
  CHECK(estimated_tokens("") == 0);
  CHECK(estimated_tokens("word") == 1);
  CHECK(estimated_tokens("words") == 2);
  CHECK(estimated_tokens("two words.") == 4);
  CHECK(estimated_tokens("12345") == 2);
  CHECK(estimated_tokens("灯塔") == 2);
  CHECK(estimated_tokens("привет") == 3);
  CHECK(estimated_tokens("   \n ") == 0);
}

TEST_CASE("text is cut at the ends of lines, sentences, words, or anywhere") {
  using Pieces = std::vector<std::string>;
  CHECK(cut_to_tokens("one two", 10) == Pieces{"one two"});
  CHECK(cut_to_tokens("one two\nsix ten", 3) == Pieces{"one two", "six ten"});
  CHECK(cut_to_tokens("It is. So on we go", 5) == Pieces{"It is.", "So on we go"});
  CHECK(cut_to_tokens("one two six", 2) == Pieces{"one two", "six"});
  CHECK(cut_to_tokens("aaaabbbbcccc", 2) == Pieces{"aaaabbbb", "cccc"});
  CHECK(cut_to_tokens("灯塔灯塔", 3) == Pieces{"灯塔灯", "塔"});
  CHECK(cut_to_tokens("", 3).empty());
}

TEST_CASE("every piece of a table has its head") {
  const std::string head = "| A | B |\n| --- | --- |\n";
  std::string table = head;
  for (int i = 0; i < 30; ++i) table += "| one | two |\n";
  const std::vector<std::string> pieces = cut_to_tokens(table, 60, head);
  REQUIRE(pieces.size() > 2);
  for (const std::string& piece : pieces) {
    CHECK(piece.starts_with(head));
    CHECK(estimated_tokens(piece) <= 60);
    CHECK(piece.ends_with("| one | two |"));
  }
}

TEST_CASE("chunks have the headings that they stand under, and no more than their tokens") {
  const std::vector<std::string> lines =
      chunks({page(1, {heading(80, "Book", 20), text(120, {words(30)}), heading(200, "Part", 14),
                       text(240, {words(30)}), text(300, {words(30)})}),
              page(2, {heading(80, "Other", 14), text(120, {"short."})})},
             50);
  REQUIRE(lines.size() == 4);
  CHECK(contains(lines[0], "{\"id\":1,\"headings\":[\"Book\"],\"pages\":[1],"));
  CHECK(contains(lines[0], "\"text\":\"# Book\\n\\nword word"));
  CHECK(contains(lines[1], "\"headings\":[\"Book\",\"Part\"]"));
  CHECK(contains(lines[2], "\"headings\":[\"Book\",\"Part\"]"));
  CHECK(contains(lines[3], "\"headings\":[\"Book\",\"Other\"],\"pages\":[2]"));
  CHECK(contains(lines[3], "\"blocks\":[{\"page\":2,\"type\":\"heading\",\"box\":["));
}

TEST_CASE("headings without text stay with what follows them") {
  const std::vector<std::string> lines = chunks(
      {page(1, {heading(80, "Book", 20), heading(110, "Part", 14), text(140, {"words."})})}, 50);
  REQUIRE(lines.size() == 1);
  CHECK(contains(lines[0], "\"headings\":[\"Book\",\"Part\"]"));
  CHECK(contains(lines[0], "# Book\\n\\n## Part\\n\\nwords."));
}

TEST_CASE("no chunk is longer than its limit, whatever the document") {
  std::vector<Block> blocks;
  for (int i = 0; i < 12; ++i)
    blocks.push_back(text(60 + 50 * static_cast<float>(i), {words(static_cast<size_t>(7 * i))}));
  blocks.push_back(text(700, {std::string(900, 'x')}));
  for (const uint32_t limit : {16u, 40u, 200u}) {
    for (const std::string& line : chunks({page(1, blocks)}, limit)) {
      const size_t at = line.find("\"tokens\":");
      REQUIRE(at != line.npos);
      CHECK(std::stoul(line.substr(at + 9)) <= limit);
    }
  }
}
