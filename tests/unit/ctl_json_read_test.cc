#include "ctl/json_read.h"

#include <catch2/catch.hpp>

using namespace pdf2md::ctl;

TEST_CASE("JSON is read and written again as it was") {
  for (const char* text : {"null", "true", "[]", "{}", "-12.50", "1e300", "\"a\\\"b\\nc\"",
                           R"({"a":[1,2.25,{"b":null}],"c":"ä","":false})", "[[[[[[[[1]]]]]]]]"}) {
    pdf2md::Result<JsonValue> value = parse_json(text);
    REQUIRE(value.ok());
    CHECK(to_text(*value) == text);
  }
  CHECK(to_text(*parse_json(" { \"a\" :\n[ 1 , 2 ] } ")) == R"({"a":[1,2]})");
}

TEST_CASE("members are found by name") {
  pdf2md::Result<JsonValue> value =
      parse_json(R"({"n": 3.5, "s": "\u00e4\ud83d\ude00\/", "l": [7]})");
  REQUIRE(value.ok());
  CHECK(value->number("n") == 3.5);
  CHECK(value->string("s") == "ä😀/");
  CHECK(value->find("l")->items[0].number() == 7);
  CHECK(value->string("n").empty());
  CHECK(value->number("nowhere") == 0);
  CHECK(value->find("nowhere") == nullptr);
}

TEST_CASE("what is no JSON is refused") {
  std::string deep(1000, '[');
  for (const std::string& text :
       {std::string(), std::string("nul"), std::string("[1,]"), std::string("{\"a\"}"),
        std::string("\"open"), std::string("\"\\x\""), std::string("\"\\ud800\""),
        std::string("inf"), std::string("1 2"), std::string("{\"a\":1"), deep}) {
    CHECK_FALSE(parse_json(text).ok());
  }
}
