#include "daemon/supervisor/health.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

// Why this one is not healthy.
std::string complaint(size_t slot, const WorkerHealth& worker, int64_t now_ms) {
  std::string text = "worker " + std::to_string(slot) + ": ";
  if (worker.last_proof_ms != 0) {
    text +=
        "no answer from its device for " + std::to_string(now_ms - worker.last_proof_ms) + " ms";
  } else {
    text += name(worker.state);
  }
  if (!worker.last_exit.empty()) text += " (last: " + worker.last_exit + ")";
  return text;
}

}  // namespace

proto::HealthReport judge_health(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                                 const SupervisionSettings& settings) {
  proto::HealthReport report;
  report.pool_size = static_cast<uint32_t>(workers.size());
  int64_t patience_ms = settings.canary_interval_ms + settings.canary_timeout_ms;
  size_t healthy = 0, fresh = 0;
  int64_t newest_ms = 0;
  for (size_t slot = 0; slot < workers.size(); ++slot) {
    const WorkerHealth& worker = workers[slot];
    if (worker.state == WorkerState::kReady) ++report.workers_ready;
    if (worker.busy) ++report.workers_busy;
    if (worker.oldest_page_ms > report.oldest_page_ms) {
      report.oldest_page_ms =
          static_cast<uint32_t>(std::min<int64_t>(worker.oldest_page_ms, UINT32_MAX));
    }
    if (worker.last_proof_ms > newest_ms) {
      newest_ms = worker.last_proof_ms;
      report.canary_ms = worker.canary_ms;
    }
    bool proves_it = worker.last_proof_ms != 0 && now_ms - worker.last_proof_ms <= patience_ms;
    if (proves_it) {
      ++healthy;
      if (report.device.empty()) report.device = worker.device;
      if (worker.device.rfind("cuda", 0) == 0) report.gpu_available = true;
      continue;
    }
    bool first_start =
        worker.restarts == 0 && worker.last_proof_ms == 0 &&
        (worker.state == WorkerState::kSpawning || worker.state == WorkerState::kLoading);
    if (first_start) ++fresh;
    if (!report.detail.empty()) report.detail += "; ";
    report.detail += complaint(slot, worker, now_ms);
  }
  report.model_loaded = healthy > 0;
  report.canary_age_ms =
      newest_ms == 0 ? 0 : static_cast<uint32_t>(std::min<int64_t>(now_ms - newest_ms, UINT32_MAX));
  if (healthy > 0)
    report.status = healthy == workers.size() ? "ok" : "degraded";
  else
    report.status = fresh > 0 ? "starting" : "failing";
  return report;
}

}  // namespace pdf2md::supervisor
