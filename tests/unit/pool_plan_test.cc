#include "daemon/supervisor/pool_plan.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

constexpr WorkerState kReady = WorkerState::kReady;
constexpr WorkerState kLoading = WorkerState::kLoading;
constexpr WorkerState kDown = WorkerState::kDown;

using Members = std::vector<PoolMember>;
using Actions = std::vector<PoolAction>;

TEST_CASE("pool plan: an empty pool is filled, a full one is left alone") {
  CHECK(plan_pool({}, 2, true) == Actions{{PoolVerb::kStart, 0, 0}, {PoolVerb::kStart, 1, 0}});
  Members full = {{1, 0, kReady, Desired::kUp, false}, {2, 1, kLoading, Desired::kUp, false}};
  CHECK(plan_pool(full, 2, true).empty());
}

TEST_CASE("pool plan: a warm replacement, from its start to its end") {
  Members members = {{1, 0, kReady, Desired::kUp, true}};
  CHECK(plan_pool(members, 1, true) ==
        Actions{{PoolVerb::kLastLife, 0, 1}, {PoolVerb::kStart, 0, 0}});
  members[0].desired = Desired::kLastLife;
  members.push_back({2, 0, kLoading, Desired::kUp, false});
  CHECK(plan_pool(members, 1, true).empty());
  members[1].state = kReady;
  CHECK(plan_pool(members, 1, true) == Actions{{PoolVerb::kRetire, 0, 1}});
  members[0].state = WorkerState::kDraining;
  members[0].desired = Desired::kDown;
  CHECK(plan_pool(members, 1, true).empty());
  members[0].state = kDown;
  CHECK(plan_pool(members, 1, true) == Actions{{PoolVerb::kForget, 0, 1}});
}

TEST_CASE("pool plan: the old one dies while its successor loads: the successor is the worker") {
  Members members = {{1, 0, kDown, Desired::kLastLife, false},
                     {2, 0, kLoading, Desired::kUp, false}};
  CHECK(plan_pool(members, 1, true) == Actions{{PoolVerb::kForget, 0, 1}});
}

TEST_CASE("pool plan: a successor that cannot work leaves the old one where it is") {
  for (WorkerState state : {WorkerState::kBackoff, WorkerState::kBroken}) {
    Members members = {{1, 0, kReady, Desired::kLastLife, true},
                       {2, 0, state, Desired::kUp, false}};
    CHECK(plan_pool(members, 1, true).empty());
  }
}

TEST_CASE("pool plan: one replacement at a time, unless the one under way is broken") {
  Members members = {{1, 0, kReady, Desired::kUp, true}, {2, 1, kReady, Desired::kUp, true}};
  CHECK(plan_pool(members, 2, true) ==
        Actions{{PoolVerb::kLastLife, 0, 1}, {PoolVerb::kStart, 0, 0}});
  members[0].desired = Desired::kLastLife;
  members.push_back({3, 0, kLoading, Desired::kUp, false});
  CHECK(plan_pool(members, 2, true).empty());
  members[2].state = WorkerState::kBroken;
  CHECK(plan_pool(members, 2, true) ==
        Actions{{PoolVerb::kLastLife, 1, 2}, {PoolVerb::kStart, 1, 0}});
}

TEST_CASE("pool plan: the next replacement waits until the last one's old worker is gone") {
  Members members = {{1, 0, WorkerState::kDraining, Desired::kDown, false},
                     {2, 1, kReady, Desired::kUp, true},
                     {3, 0, kReady, Desired::kUp, false}};
  CHECK(plan_pool(members, 2, true).empty());
  members[0].state = kDown;
  CHECK(plan_pool(members, 2, true) ==
        Actions{{PoolVerb::kForget, 0, 1}, {PoolVerb::kLastLife, 1, 2}, {PoolVerb::kStart, 1, 0}});
}

TEST_CASE("pool plan: cold, a worker goes only while all the others serve") {
  Members members = {{1, 0, kReady, Desired::kUp, true}, {2, 1, kReady, Desired::kUp, true}};
  CHECK(plan_pool(members, 2, false) == Actions{{PoolVerb::kRenew, 0, 1}});
  for (WorkerState state : {WorkerState::kDraining, WorkerState::kSpawning, kLoading}) {
    members[0].state = state;
    CHECK(plan_pool(members, 2, false).empty());
  }
  members[0].state = kReady;
  members[0].due = false;
  CHECK(plan_pool(members, 2, false) == Actions{{PoolVerb::kRenew, 1, 2}});
}

TEST_CASE("pool plan: fewer slots retire all that is in the others, more start some") {
  Members members = {{1, 0, kReady, Desired::kUp, false},
                     {2, 1, kReady, Desired::kLastLife, false},
                     {3, 1, kLoading, Desired::kUp, false}};
  CHECK(plan_pool(members, 1, true) ==
        Actions{{PoolVerb::kRetire, 1, 2}, {PoolVerb::kRetire, 1, 3}});
  members.resize(1);
  CHECK(plan_pool(members, 3, true) == Actions{{PoolVerb::kStart, 1, 0}, {PoolVerb::kStart, 2, 0}});
}

TEST_CASE("pool plan: a slot that is wanted again does not wait for the one that leaves it") {
  Members members = {{1, 0, WorkerState::kDraining, Desired::kDown, false}};
  CHECK(plan_pool(members, 1, true) == Actions{{PoolVerb::kStart, 0, 0}});
}

TEST_CASE("pool plan: what is not ready is not replaced, however due") {
  for (WorkerState state : {WorkerState::kSpawning, kLoading, WorkerState::kBackoff})
    CHECK(plan_pool({{1, 0, state, Desired::kUp, true}}, 1, true).empty());
}

}  // namespace
}  // namespace pdf2md::supervisor
