#include "proto/fields.h"

#include <catch2/catch.hpp>

namespace pdf2md::proto {
namespace {

struct Inner {
  uint8_t small = 7;
  template <class A>
  void fields(A& a) {
    a("small", small);
  }
};
struct Outer {
  bool truth = false;
  int32_t negative = 0;
  double real = 0;
  std::optional<uint64_t> maybe;
  std::vector<Inner> list;
  Bytes bytes;
  template <class A>
  void fields(A& a) {
    a("truth", truth);
    a("negative", negative);
    a("real", real);
    a("maybe", maybe);
    a("list", list);
    a("bytes", bytes);
  }
};

TEST_CASE("fields: a round trip") {
  Outer outer{true, -5, 0.25, 1ull << 63, {{1}, {255}}, {std::string("\0x", 2)}};
  Result<Outer> back = unpack<Outer>(pack(outer));
  REQUIRE(back);
  CHECK(back->truth);
  CHECK(back->negative == -5);
  CHECK(back->real == 0.25);
  CHECK(back->maybe == 1ull << 63);
  REQUIRE(back->list.size() == 2);
  CHECK(back->list[1].small == 255);
  CHECK(back->bytes.data == outer.bytes.data);
}

TEST_CASE("fields: what is missing keeps its default, what is unknown is skipped") {
  Result<Inner> missing = unpack<Inner>("\x81\xa1x\x01");
  REQUIRE(missing);
  CHECK(missing->small == 7);
}

TEST_CASE("fields: a wrong value names its key") {
  CHECK(unpack<Inner>(std::string("\x81\xa5small\xcd\x01\x00", 10)).error().message ==
        "field \"small\": number too large");
  CHECK(unpack<Inner>("\x81\xa5small\xff").error().message == "field \"small\": number too small");
  CHECK(unpack<Outer>("\x81\xa4list\x91\x81\xa5small\xc3").error().message ==
        "field \"list.small\": not an integer");
  CHECK(unpack<Outer>("\x81\xa5"
                      "truth\x01")
            .error()
            .message == "field \"truth\": not a boolean");
  CHECK(unpack<Outer>("\x90").error().code == ErrorCode::kBadMessage);
}

}  // namespace
}  // namespace pdf2md::proto
