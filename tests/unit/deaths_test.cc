#include "daemon/supervisor/deaths.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

TEST_CASE("deaths: the last 32 are kept, all are counted") {
  Deaths deaths;
  for (int pid = 1; pid <= 40; ++pid) {
    proto::Death death;
    death.pid = pid;
    death.exit_text = pid % 2 == 0 ? "signal 9 (Killed)" : "exit 68 (device fault)";
    deaths.add(death);
  }
  proto::DeathList list = deaths.list();
  CHECK(list.total == 40);
  REQUIRE(list.deaths.size() == 32);
  CHECK(list.deaths.front().pid == 9);
  CHECK(list.deaths.back().pid == 40);
  CHECK(deaths.by_exit().at("signal 9 (Killed)") == 20);
}

}  // namespace
}  // namespace pdf2md::supervisor
