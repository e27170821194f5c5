#include "daemon/supervisor/page_traces.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

proto::Explanation trace(uint64_t job, uint32_t page) {
  proto::Explanation one;
  one.job = job;
  one.page = page;
  one.slot = 3;
  return one;
}

}  // namespace

TEST_CASE("page traces: a page is remembered with the deaths before it") {
  PageTraces traces;
  CHECK_FALSE(traces.find(1, 2).known);
  traces.death(1, 2, "signal 11");
  CHECK_FALSE(traces.find(1, 2).known);
  traces.done(trace(1, 2));
  CHECK(traces.find(1, 2).known);
  CHECK(traces.find(1, 2).slot == 3);
  CHECK(traces.find(1, 2).deaths == std::vector<std::string>{"signal 11"});
  CHECK_FALSE(traces.find(1, 3).known);
  traces.forget(1);
  CHECK_FALSE(traces.find(1, 2).known);
  traces.forget(1);
}

TEST_CASE("page traces: the oldest jobs go, never the one at hand") {
  PageTraces traces(4);
  for (uint32_t page = 1; page <= 3; ++page) traces.done(trace(1, page));
  for (uint32_t page = 1; page <= 3; ++page) traces.done(trace(2, page));
  CHECK_FALSE(traces.find(1, 1).known);
  CHECK(traces.find(2, 1).known);
  for (uint32_t page = 4; page <= 9; ++page) traces.done(trace(2, page));
  CHECK(traces.find(2, 1).known);
}

TEST_CASE("page traces: what a worker says is bounded") {
  PageTraces traces;
  proto::Explanation long_one = trace(1, 1);
  long_one.note = std::string(5000, 'x');
  long_one.route.reasons.assign(100, std::string(5000, 'y'));
  traces.done(long_one);
  CHECK(traces.find(1, 1).note.size() == 300);
  CHECK(traces.find(1, 1).route.reasons.size() == 8);
  CHECK(traces.find(1, 1).route.reasons[0].size() == 300);
}

}  // namespace pdf2md::supervisor
