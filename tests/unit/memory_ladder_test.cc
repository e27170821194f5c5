#include "daemon/worker/memory_ladder.h"

#include <catch2/catch.hpp>

using pdf2md::worker::MemoryLadder;

TEST_CASE("a rung is tried twice before the next one") {
  MemoryLadder ladder(3);
  CHECK(ladder.out_of_memory().has_value());
  CHECK(ladder.rung() == 0);
  CHECK(ladder.out_of_memory().has_value());
  CHECK(ladder.rung() == 1);
  ladder.succeeded();
  CHECK(ladder.out_of_memory().has_value());
  CHECK(ladder.rung() == 1);
}

TEST_CASE("failures with successes between them are not two in a row") {
  MemoryLadder ladder(3);
  for (int i = 0; i < 10; ++i) {
    CHECK(ladder.out_of_memory().has_value());
    ladder.succeeded();
  }
  CHECK(ladder.rung() == 0);
}

TEST_CASE("on the lowest rung it waits longer each time, then gives up") {
  MemoryLadder ladder(1);
  int before = 0, tries = 0;
  while (std::optional<int> pause = ladder.out_of_memory()) {
    CHECK(*pause > before);
    before = *pause;
    REQUIRE(++tries < 100);
  }
  CHECK(tries >= 5);
  CHECK(ladder.rung() == 0);
}

TEST_CASE("after many good calls it climbs, one rung at a time") {
  MemoryLadder ladder(4);
  for (int i = 0; i < 4; ++i) ladder.out_of_memory();
  REQUIRE(ladder.rung() == 2);
  int calls = 0;
  while (ladder.rung() == 2 && calls < 10000) ladder.succeeded(), ++calls;
  CHECK(ladder.rung() == 1);
  CHECK(calls > 20);
  int more = 0;
  while (ladder.rung() == 1 && more < 10000) ladder.succeeded(), ++more;
  CHECK(ladder.rung() == 0);
  CHECK(more == calls);
}

TEST_CASE("a failure starts the count of good calls anew") {
  MemoryLadder ladder(2);
  ladder.out_of_memory();
  ladder.out_of_memory();
  int calls = 0;
  for (; calls < 50; ++calls) ladder.succeeded();
  ladder.out_of_memory();
  int more = 0;
  while (ladder.rung() == 1 && more < 10000) ladder.succeeded(), ++more;
  CHECK(more > 50);
}
