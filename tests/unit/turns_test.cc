#include "daemon/supervisor/turns.h"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

namespace pdf2md::supervisor {
namespace {

// Jobs with endless work, given `cost` pages a turn.
struct Table {
  explicit Table(uint64_t max_cost = 8) : turns(max_cost) {}

  void add(uint64_t job, uint32_t owner, uint32_t priority = 50, bool alone_only = false) {
    jobs[job] = {job, owner, priority, 0, false, alone_only};
    turns.place(jobs[job]);
  }
  // Pages that each job gets in so many turns.
  std::map<uint64_t, uint64_t> serve(int count, uint64_t cost = 8) {
    std::map<uint64_t, uint64_t> given;
    for (int i = 0; i < count; ++i) {
      std::optional<uint64_t> job = turns.next(true);
      REQUIRE(job);
      give(*job, cost);
      given[*job] += cost;
    }
    return given;
  }
  void give(uint64_t job, uint64_t cost) {
    turns.charge(job, cost);
    jobs[job].pages_given += cost;
    jobs[job].begun = true;
    turns.place(jobs[job]);
  }

  Turns turns;
  std::map<uint64_t, Turns::Ticket> jobs;
};

TEST_CASE("turns: owners get the same number of pages, however many jobs they have") {
  Table table;
  for (uint64_t job = 1; job <= 20; ++job) table.add(job, 100);
  table.add(21, 200);
  table.add(22, 300);
  uint64_t of_100 = 0;
  std::map<uint64_t, uint64_t> given = table.serve(300);
  for (uint64_t job = 1; job <= 20; ++job) of_100 += given[job];
  CHECK(of_100 == 800);
  CHECK(given[21] == 800);
  CHECK(given[22] == 800);
}

TEST_CASE("turns: who comes new does not push in front of those who wait") {
  Table table;
  table.add(1, 100);
  table.add(2, 200);
  table.give(*table.turns.next(true), 8);
  table.add(3, 300);
  CHECK(table.turns.next(true) == 1);  // half of its quantum is left
  table.give(1, 8);
  CHECK(table.turns.next(true) == 2);
}

TEST_CASE("turns: pages count, not tasks") {
  Table table;
  table.add(1, 100);
  table.add(2, 200);
  std::map<uint32_t, uint64_t> given;
  for (int i = 0; i < 600; ++i) {
    uint64_t job = *table.turns.next(true);
    uint64_t cost = job == 1 ? 1 : 8;
    table.give(job, cost);
    given[job] += cost;
  }
  CHECK(given[1] + 32 > given[2]);
  CHECK(given[2] + 32 > given[1]);
}

TEST_CASE("turns: an owner whose tasks are larger than the usual quantum gets no more pages") {
  Table table(1000);
  table.add(1, 100);
  table.add(2, 200);
  std::map<uint32_t, uint64_t> given;
  for (int i = 0; i < 3000; ++i) {
    uint64_t job = *table.turns.next(true);
    uint64_t cost = job == 1 ? 1 : 1000;
    table.give(job, cost);
    given[job] += cost;
  }
  CHECK(given[2] <= given[1] + 2000);
  CHECK(given[1] <= given[2] + 2000);
}

TEST_CASE("turns: priority is a weight among the jobs of an owner, not beyond") {
  Table table;
  table.add(1, 100, 50);
  table.add(2, 100, 100);
  table.add(3, 200, 50);
  std::map<uint64_t, uint64_t> given = table.serve(1000);
  CHECK(given[3] == 4000);
  // Three of four turns go by level, 2 : 1; the fourth to the one that counts as older.
  CHECK(given[2] > 2 * given[1]);
  CHECK(given[1] > 500);
}

TEST_CASE("turns: the lowest priority advances beside the highest") {
  Table table;
  table.add(1, 100, 1);
  table.add(2, 100, 100);
  CHECK(table.serve(1000)[1] > 0);
}

TEST_CASE("turns: a stream of newer, higher jobs does not starve the lowest") {
  Table table;
  table.add(1, 100, 1);
  uint64_t of_low = 0;
  for (uint64_t job = 2; job <= 4000; ++job) {
    table.add(job, 100, 100);
    uint64_t served = *table.turns.next(true);
    if (served == 1)
      table.give(1, 8), of_low += 8;
    else
      table.turns.remove(served);
  }
  CHECK(of_low > 1000);
}

TEST_CASE("turns: higher priority first among those that wait, then age") {
  Table table;
  table.add(1, 100);
  table.add(2, 100);
  table.add(3, 100, 51);
  CHECK(table.turns.position(3) == 0);
  CHECK(table.turns.position(1) == 1);
  CHECK(table.turns.position(2) == 2);
  CHECK(table.turns.next(true) == 3);
}

TEST_CASE("turns: positions count owners in turn, and only jobs that were not begun") {
  Table table;
  for (uint64_t job = 1; job <= 10; ++job) table.add(job, 100);
  table.add(11, 200);
  table.add(12, 200);
  CHECK(table.turns.position(1) == 0);
  CHECK(table.turns.position(11) == 1);
  CHECK(table.turns.position(2) == 2);
  CHECK(table.turns.position(12) == 3);
  CHECK(table.turns.position(10) == 11);
  table.give(1, 1);
  CHECK(table.turns.position(1) == 0);
  CHECK(table.turns.position(10) == 10);
  CHECK(table.turns.position(99) == 0);
  // Everybody has a place of his own.
  std::set<size_t> places;
  for (uint64_t job = 2; job <= 12; ++job) places.insert(table.turns.position(job));
  CHECK(places.size() == 11);
}

TEST_CASE("turns: work that must be alone waits until it may, and does not hold up others") {
  Table table;
  table.add(1, 100, 50, true);
  table.add(2, 200);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(table.turns.next(false) == 2);
    table.give(2, 8);
  }
  table.turns.remove(2);
  CHECK_FALSE(table.turns.next(false));
  CHECK(table.turns.next(true) == 1);
}

TEST_CASE("turns: jobs come and go") {
  Table table;
  table.add(1, 100);
  table.add(2, 100);
  table.turns.remove(1);
  table.turns.remove(1);
  CHECK(table.turns.next(true) == 2);
  table.turns.remove(2);
  CHECK(table.turns.empty());
  CHECK_FALSE(table.turns.next(true));
  table.add(3, 100);
  CHECK(table.turns.next(true) == 3);
}

}  // namespace
}  // namespace pdf2md::supervisor
