#include "daemon/worker/memory_ladder.h"

namespace pdf2md::worker {
namespace {

constexpr int kFailuresOnRung = 2;
constexpr int kFirstPauseMs = 20;
// On the lowest rung: 20, 40, … 1280 ms, together 2.5 s. A canary waits behind that.
constexpr int kFailuresOnLowest = 8;
constexpr int kGoodCallsToClimb = 200;

}  // namespace

std::optional<int> MemoryLadder::out_of_memory() {
  good_calls_ = 0;
  ++failures_;
  if (rung_ < lowest_ && failures_ == kFailuresOnRung) {
    ++rung_;
    failures_ = 0;
    return kFirstPauseMs;
  }
  if (failures_ == kFailuresOnLowest) return std::nullopt;
  return kFirstPauseMs << (failures_ - 1);
}

void MemoryLadder::succeeded() {
  failures_ = 0;
  if (rung_ == 0 || ++good_calls_ < kGoodCallsToClimb) return;
  good_calls_ = 0;
  --rung_;
}

}  // namespace pdf2md::worker
