// What HEALTH says, from what the workers proved lately. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/supervisor/lifecycle.h"
#include "proto/messages.h"

namespace pdf2md::supervisor {

struct WorkerHealth {
  WorkerState state = WorkerState::kDown;
  bool busy = false;
  int64_t last_proof_ms = 0;  // READY or PONG; 0: none in this life
  uint32_t canary_ms = 0;
  int64_t oldest_page_ms = 0;  // age
  uint32_t restarts = 0;
  std::string device;
  std::string last_exit;
};

// Fills in what depends on the workers: status, detail, device, counts, canary. A worker counts as
// healthy for canary_interval + canary_timeout after its last proof.
proto::HealthReport judge_health(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                                 const SupervisionSettings& settings);

}  // namespace pdf2md::supervisor
