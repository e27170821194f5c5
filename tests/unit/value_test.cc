#include "proto/value.h"

#include <catch2/catch.hpp>

namespace pdf2md::proto {
namespace {

std::string problem(const std::string& bytes, const DecodeLimits& limits = {}) {
  Result<Value> value = decode(bytes, limits);
  return value ? "" : value.error().message;
}

TEST_CASE("value: announced sizes are refused before they are allocated") {
  CHECK(problem(std::string("\xdd\xff\xff\xff\xff", 5)) == "bad msgpack: too many objects");
  CHECK(problem(std::string("\xdf\xff\xff\xff\xff", 5)) == "bad msgpack: a map has too many keys");
  CHECK_FALSE(problem(std::string("\xdb\xff\xff\xff\xff", 5)).empty());
  CHECK_FALSE(problem(std::string("\xc6\xff\xff\xff\xff", 5)).empty());
}

TEST_CASE("value: depth, strings and objects are bounded") {
  DecodeLimits limits;
  CHECK(problem(std::string(limits.depth, '\x91') + "\xc0").empty());
  CHECK(problem(std::string(limits.depth + 1, '\x91') + "\xc0") ==
        "bad msgpack: nested too deeply");
  limits.string_bytes = 3;
  CHECK(problem("\xa3"
                "abc",
                limits)
            .empty());
  CHECK(problem("\xa4"
                "abcd",
                limits) == "bad msgpack: a string is longer than the limit");
  limits.objects = 3;
  CHECK(problem("\x92\xc0\xc0", limits).empty());
  CHECK(problem("\x93\xc0\xc0\xc0", limits) == "bad msgpack: too many objects");
}

TEST_CASE("value: maps have string keys, each once, and not too many") {
  CHECK(problem("\x81\x01\x02") == "bad msgpack: a key is not a string");
  CHECK(problem("\x81\x90\x02") == "bad msgpack: a key is not a string");
  CHECK(problem("\x82\xa1"
                "a\x01\xa1"
                "a\x02") == "bad msgpack: a key occurs twice");
  DecodeLimits limits;
  limits.map_keys = 1;
  CHECK(problem("\x82\xa1"
                "a\x01\xa1"
                "b\x02",
                limits) == "bad msgpack: a map has too many keys");
}

TEST_CASE("value: the rest of what is refused") {
  CHECK_FALSE(problem("").empty());
  CHECK_FALSE(problem("\x92\xc0").empty());
  CHECK_FALSE(problem("\xc1").empty());
  CHECK(problem("\xc0\xc0") == "bad msgpack: trailing bytes");
  CHECK(problem(std::string("\xd4\x01\x00", 3)) == "bad msgpack: extension types are not used");
}

TEST_CASE("value: maps within maps keep their keys apart") {
  Result<Value> value = decode(
      "\x82\xa1"
      "a\x81\xa1"
      "b\x01\xa1"
      "c\x02");
  REQUIRE(value);
  REQUIRE(value->find("a"));
  CHECK(std::get<uint64_t>(value->find("a")->find("b")->storage()) == 1);
  CHECK(std::get<uint64_t>(value->find("c")->storage()) == 2);
  CHECK(value->find("b") == nullptr);
}

}  // namespace
}  // namespace pdf2md::proto
