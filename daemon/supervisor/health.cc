#include "daemon/supervisor/health.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

constexpr uint32_t kLoopingLives = 3;

bool proves_its_device(const WorkerHealth& worker, int64_t now_ms,
                       const SupervisionSettings& settings) {
  int64_t patience_ms = settings.canary_interval_ms + settings.canary_timeout_ms;
  return worker.last_proof_ms != 0 && now_ms - worker.last_proof_ms <= patience_ms;
}

void add_sentence(std::string& text, const std::string& sentence) {
  text += (text.empty() ? "" : "; ") + sentence;
}

// Why this one is not healthy.
std::string complaint(const WorkerHealth& worker, int64_t now_ms) {
  std::string text = "worker " + std::to_string(worker.slot) + ": ";
  if (worker.last_proof_ms != 0) {
    text +=
        "no answer from its device for " + std::to_string(now_ms - worker.last_proof_ms) + " ms";
  } else {
    text += name(worker.state);
  }
  if (is_crash_looping(worker)) {
    text += ", " + std::to_string(worker.fruitless) + " lives in a row ended without a page";
  }
  if (!worker.last_exit.empty()) text += " (last: " + worker.last_exit + ")";
  return text;
}

}  // namespace

bool is_crash_looping(const WorkerHealth& worker) {
  return worker.state == WorkerState::kBroken || worker.fruitless >= kLoopingLives;
}

proto::HealthReport judge_health(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                                 const SupervisionSettings& settings, uint32_t spare_workers) {
  proto::HealthReport report;
  size_t healthy = 0, fresh = 0;
  int64_t newest_ms = 0;
  for (const WorkerHealth& worker : workers) {
    if (!worker.wanted && worker.state == WorkerState::kDown) continue;
    ++report.pool_size;
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
    if (is_crash_looping(worker)) report.crash_looping.push_back(worker.slot);
    bool on_gpu = worker.device.rfind("cuda", 0) == 0;
    if (proves_its_device(worker, now_ms, settings)) {
      ++healthy;
      if (report.device.empty()) report.device = worker.device;
      if (on_gpu) report.gpu_available = true;
      if (worker.gpu_expected && !on_gpu && report.device_note.empty()) {
        report.device_note = "worker " + std::to_string(worker.slot) + " serves from the CPU";
        if (!worker.device_note.empty()) report.device_note += ": " + worker.device_note;
        add_sentence(report.detail, report.device_note);
      }
      continue;
    }
    bool first_start =
        worker.restarts == 0 && worker.last_proof_ms == 0 &&
        (worker.state == WorkerState::kSpawning || worker.state == WorkerState::kLoading);
    if (first_start) ++fresh;
    add_sentence(report.detail, complaint(worker, now_ms));
  }
  report.model_loaded = healthy > 0;
  report.ready = healthy > 0;
  report.canary_age_ms =
      newest_ms == 0 ? 0 : static_cast<uint32_t>(std::min<int64_t>(now_ms - newest_ms, UINT32_MAX));
  bool all_well = healthy + spare_workers >= report.pool_size && report.device_note.empty() &&
                  report.crash_looping.empty();
  if (report.pool_size == 0)
    report.status = "drained";
  else if (healthy > 0)
    report.status = all_well ? "ok" : "degraded";
  else
    report.status = fresh > 0 ? "starting" : "failing";
  return report;
}

bool is_any_starting(const std::vector<WorkerHealth>& workers) {
  return std::any_of(workers.begin(), workers.end(), [](const WorkerHealth& worker) {
    return worker.state == WorkerState::kSpawning || worker.state == WorkerState::kLoading ||
           worker.state == WorkerState::kBackoff;
  });
}

bool deserves_watchdog(const std::vector<WorkerHealth>& workers, int64_t now_ms,
                       const SupervisionSettings& settings) {
  bool claimed = false;
  for (const WorkerHealth& worker : workers) {
    if (proves_its_device(worker, now_ms, settings)) return true;
    bool claims = worker.state == WorkerState::kReady || worker.state == WorkerState::kDraining;
    bool being_replaced = !claims && worker.state != WorkerState::kDown;
    if (being_replaced) return true;
    claimed = claimed || claims;
  }
  return !claimed;
}

}  // namespace pdf2md::supervisor
