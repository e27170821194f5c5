// Which worker processes there should be: the pool's desired size against what is there. Pure;
// worker_pool.h carries the plan out.
//
// A slot is a place for one serving worker. To replace it without a gap, a second one is started in
// the same slot; the first is told that it is on its last life, serves until the second is ready,
// and then leaves. The next one waits for its end: every replacement costs the memory of one more
// worker.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/supervisor/lifecycle.h"

namespace pdf2md::supervisor {

struct PoolMember {
  uint64_t id = 0;  // ascending with age: the younger, the larger
  uint32_t slot = 0;
  WorkerState state = WorkerState::kDown;
  Desired desired = Desired::kDown;
  bool due = false;  // for replacement
};

enum class PoolVerb : uint8_t {
  kStart,     // a new worker in `slot`
  kLastLife,  // `id` serves on, but is not started again
  kRetire,    // `id` finishes what it has and goes
  kRenew,     // `id` finishes what it has and is started again
  kForget,    // `id` is gone for good
};

struct PoolAction {
  PoolVerb verb = PoolVerb::kStart;
  uint32_t slot = 0;
  uint64_t id = 0;  // 0 with kStart
  bool operator==(const PoolAction&) const = default;
};

// `warm`: successors are made ready first. Carried out, and asked again after every change, the
// plan leads to `size` serving workers and nothing else.
std::vector<PoolAction> plan_pool(const std::vector<PoolMember>& members, uint32_t size, bool warm);

}  // namespace pdf2md::supervisor
