#include "document/hyphenation.h"

#include <catch2/catch.hpp>

using namespace pdf2md::document;

namespace {

LineJoin join(std::string_view before, std::string_view after, const WordSet& words = {}) {
  JoinEvidence evidence;
  evidence.words = &words;
  return join_lines(before, after, evidence);
}

}  // namespace

TEST_CASE("a word that occurs whole is joined, a compound that occurs is kept") {
  WordSet words;
  words.add_line("the self-adjoint information of Information", false);
  CHECK(join("some infor-", "mation", words) == LineJoin::kDropHyphen);
  CHECK(join("a self-", "adjoint map", words) == LineJoin::kNothing);
}

TEST_CASE("without evidence a broken word is joined, two known words are a compound") {
  WordSet words;
  words.add_line("long words with a term", false);
  CHECK(join("hyphen-", "ation") == LineJoin::kDropHyphen);
  CHECK(join("long-", "term", words) == LineJoin::kNothing);
}

TEST_CASE("soft hyphens go") {
  CHECK(join("infor\u00AD", "mation") == LineJoin::kDropHyphen);
  CHECK(join("infor\u00AC", "mation") == LineJoin::kDropHyphen);
}

TEST_CASE("capitals, numbers and addresses keep their hyphen") {
  CHECK(join("Jean-", "Paul") == LineJoin::kNothing);
  CHECK(join("2010-", "2012") == LineJoin::kNothing);
  CHECK(join("COVID-", "19") == LineJoin::kNothing);
  CHECK(join("see https://a.org/some-", "thing") == LineJoin::kNothing);
  CHECK(join("INFOR-", "MATION") == LineJoin::kDropHyphen);
}

TEST_CASE("a hyphen that stands for a later word keeps its space") {
  CHECK(join("Haupt-", "und Nebensatz") == LineJoin::kSpace);
  CHECK(join("pre-", "and post-war") == LineJoin::kSpace);
}

TEST_CASE("French inversions keep their hyphen") {
  JoinEvidence evidence;
  evidence.french = true;
  CHECK(join_lines("va-", "t-il", evidence) == LineJoin::kNothing);
  CHECK(join_lines("dit-", "elle", evidence) == LineJoin::kNothing);
  CHECK(join_lines("infor-", "mation", evidence) == LineJoin::kDropHyphen);
}

TEST_CASE("ideographs are joined without a space") {
  CHECK(join("这是一个", "测试") == LineJoin::kNothing);
  CHECK(join("日本語", "テスト") == LineJoin::kNothing);
  CHECK(join("plain", "words") == LineJoin::kSpace);
  CHECK(join("한국어", "문장") == LineJoin::kSpace);
}

TEST_CASE("dashes join as they are written") {
  CHECK(join("word—", "word") == LineJoin::kNothing);
  CHECK(join("word –", "word") == LineJoin::kSpace);
  CHECK(join("10–", "20") == LineJoin::kNothing);
}

TEST_CASE("halves of broken words are no evidence") {
  WordSet words;
  words.add_line("some infor-", false);
  words.add_line("mation here", true);
  CHECK_FALSE(words.contains("infor"));
  CHECK_FALSE(words.contains("mation"));
  CHECK(words.contains("here"));
  CHECK(words.contains("SOME"));
}
