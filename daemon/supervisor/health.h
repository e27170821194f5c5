// What HEALTH says, from what the workers proved lately. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/supervisor/lifecycle.h"
#include "proto/service_messages.h"

namespace pdf2md::supervisor {

struct WorkerHealth {
  uint32_t slot = 0;
  WorkerState state = WorkerState::kDown;
  bool wanted = true;
  bool busy = false;
  int64_t last_proof_ms = 0;  // READY or PONG; 0: none in this life
  uint32_t canary_ms = 0;
  int64_t oldest_page_ms = 0;  // age
  uint32_t restarts = 0;
  uint32_t fruitless = 0;     // lives in a row that finished nothing
  bool gpu_expected = false;  // it was configured for one, or there is one and it may take it
  std::string device;
  std::string device_note;  // READY's word on why it is not the device one would expect
  std::string last_exit;
};

// Whether it dies again and again: what restarts show only to those who compare.
bool is_crash_looping(const WorkerHealth& worker);

// Fills in what depends on the workers: status, ready, detail, device, counts, canary. A worker
// counts as healthy for canary_interval + canary_timeout after its last proof. So many as are spare
// may be missing without anything being wrong, as long as none dies again and again.
proto::HealthReport judge_health(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                                 const SupervisionSettings& settings, uint32_t spare_workers = 0);

// Whether a worker is on its way, or waits for a device that is not there yet.
bool is_any_starting(const std::vector<WorkerHealth>& workers);

// Whether the service manager's watchdog is to be fed. Yes while a worker proves its device, while
// none is wanted, and while those that do not are being started or replaced: that is what we are
// for, and a new supervisor could do no better. No where workers claim to be ready, none proves it,
// and nothing is being done about that.
bool deserves_watchdog(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                       const SupervisionSettings& settings);

}  // namespace pdf2md::supervisor
