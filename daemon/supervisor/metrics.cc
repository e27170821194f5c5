#include "daemon/supervisor/metrics.h"

#include <algorithm>
#include <cstdio>

#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

using Type = PrometheusText::Type;
using proto::JobState;
using proto::WorkerInfo;

constexpr const char* kPageStatus[] = {"ok", "blank", "degraded", "failed"};
constexpr const char* kWorkerStates[] = {"down",     "spawning",    "loading", "ready",   "busy",
                                         "draining", "terminating", "killing", "backoff", "broken"};

double seconds(double ms) {
  return ms / 1000;
}

double number(uint64_t value) {
  return static_cast<double>(value);
}

// One family with a sample for each slot. A slot whose worker is being replaced has two workers for
// a while: what is measured is added up, so that no sample comes twice.
void write_by_slot(PrometheusText& out, const std::vector<WorkerInfo>& workers, Type type,
                   const char* name, const char* help, double (*value)(const WorkerInfo&)) {
  std::map<uint32_t, double> by_slot;
  for (const WorkerInfo& worker : workers) by_slot[worker.slot] += value(worker);
  out.family(name, type, help);
  for (const auto& [slot, sum] : by_slot) out.sample(sum, {{"slot", std::to_string(slot)}});
}

void write_workers(PrometheusText& out, const MetricsSnapshot& snapshot) {
  const std::vector<WorkerInfo>& workers = snapshot.workers.workers;
  out.family("pdf2md_workers", Type::kGauge, "Workers by state.");
  for (const char* state : kWorkerStates) {
    auto in_state = [state](const WorkerInfo& worker) { return worker.state == state; };
    auto count = std::count_if(workers.begin(), workers.end(), in_state);
    out.sample(static_cast<double>(count), {{"state", state}});
  }
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_resident_memory_bytes",
                "Resident memory of a worker, without its readers.",
                [](const WorkerInfo& w) { return number(w.rss_bytes); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_device_memory_bytes",
                "Memory that a worker holds on its GPU.",
                [](const WorkerInfo& w) { return number(w.vram_bytes); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_device_total_bytes",
                "Memory of the worker's GPU.",
                [](const WorkerInfo& w) { return number(w.vram_total_bytes); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_device_free_bytes",
                "Free memory of the worker's GPU.",
                [](const WorkerInfo& w) { return number(w.vram_free_bytes); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_batch_halvings",
                "How often batches are halved for want of memory; 0: full size.",
                [](const WorkerInfo& w) { return number(w.batch_rung); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_readers_lost",
                "Readers of the present worker that died, hung or lied.",
                [](const WorkerInfo& w) { return number(w.readers_lost); });
  write_by_slot(out, workers, Type::kGauge, "pdf2md_worker_proof_age_seconds",
                "Since the worker's device last answered.",
                [](const WorkerInfo& w) { return seconds(w.proof_age_ms); });
  write_by_slot(out, workers, Type::kCounter, "pdf2md_worker_pages_total",
                "Pages finished by the workers of a slot.",
                [](const WorkerInfo& w) { return number(w.pages_done); });
  write_by_slot(out, workers, Type::kCounter, "pdf2md_worker_restarts_total",
                "Workers of a slot that ended and were started again.",
                [](const WorkerInfo& w) { return number(w.restarts); });
  write_by_slot(out, workers, Type::kCounter, "pdf2md_worker_recycled_total",
                "Workers of a slot that were replaced in good order.",
                [](const WorkerInfo& w) { return number(w.recycled); });
  out.family("pdf2md_worker_deaths_total", Type::kCounter,
             "Workers that ended without having been asked to, by how they ended.");
  for (const auto& [exit, count] : snapshot.deaths_by_exit) {
    out.sample(number(count), {{"reason", exit}});
  }
}

void write_health(PrometheusText& out, const MetricsSnapshot& snapshot) {
  const proto::HealthReport& health = snapshot.health;
  out.family("pdf2md_build_info", Type::kGauge, "Always 1; what runs here.");
  out.sample(1, {{"version", kVersion}, {"build_id", build_id()}});
  out.gauge("pdf2md_ready", "1 while documents can be converted: a device has answered lately.",
            health.ready ? 1 : 0);
  out.family("pdf2md_health", Type::kGauge, "1 for the present status.");
  for (const char* status : {"ok", "starting", "degraded", "failing", "drained"}) {
    out.sample(health.status == status ? 1 : 0, {{"status", status}});
  }
  out.gauge("pdf2md_gpu_available", "1 while a worker serves on a GPU.",
            health.gpu_available ? 1 : 0);
  out.gauge("pdf2md_canary_seconds", "How long the newest small inference took.",
            seconds(health.canary_ms));
  out.gauge("pdf2md_canary_age_seconds", "Since the newest small inference of any worker.",
            seconds(health.canary_age_ms));
  out.gauge("pdf2md_oldest_page_seconds", "Age of the oldest page under way.",
            seconds(health.oldest_page_ms));
  out.gauge("pdf2md_resident_memory_bytes", "Resident memory of the supervisor.",
            number(health.supervisor_rss_bytes));
  out.gauge("pdf2md_uptime_seconds", "Since the start of the supervisor.",
            seconds(number(health.uptime_ms)));
  out.gauge("pdf2md_clients", "Connections.", number(snapshot.clients));
}

}  // namespace

void RateWindow::add(int64_t now_ms) {
  int64_t second = now_ms / 1000;
  Second& place = seconds_[static_cast<size_t>(second % kSeconds)];
  if (place.number != second) place = Second{second, 0};
  ++place.count;
}

double RateWindow::per_second(int64_t now_ms, int64_t since_ms) const {
  int64_t oldest = now_ms / 1000 - kSeconds;
  double count = 0;
  for (const Second& second : seconds_) {
    if (second.number > oldest) count += second.count;
  }
  double window_ms =
      static_cast<double>(std::clamp<int64_t>(now_ms - since_ms, 1000, kSeconds * 1000));
  return count / seconds(window_ms);
}

void Metrics::on_event(const proto::Event& event, int64_t now_ms) {
  if (event.kind != proto::EventKind::kPage) return;
  ++pages_[std::min<size_t>(event.page_status, pages_.size() - 1)];
  page_seconds_.observe(seconds(event.page_ms));
  page_rate_.add(now_ms);
}

void Metrics::on_job_over(JobState state, int64_t duration_ms) {
  ++jobs_[static_cast<size_t>(state)];
  if (state == JobState::kDone) job_seconds_.observe(seconds(static_cast<double>(duration_ms)));
}

void Metrics::on_accepted(int64_t latency_ms, uint64_t document_bytes) {
  ++accepted_;
  accepted_bytes_ += document_bytes;
  accept_seconds_.observe(seconds(static_cast<double>(latency_ms)));
}

void Metrics::write_jobs(PrometheusText& out, const MetricsSnapshot& snapshot) const {
  out.counter("pdf2md_jobs_accepted_total", "Documents accepted.", number(accepted_));
  out.counter("pdf2md_document_bytes_accepted_total", "Their size.", number(accepted_bytes_));
  out.counter("pdf2md_busy_total", "Documents that were answered with BUSY.", number(busy_));
  out.family("pdf2md_jobs_finished_total", Type::kCounter, "Jobs that ended, by their state.");
  for (JobState state : {JobState::kDone, JobState::kFailed, JobState::kCancelled}) {
    out.sample(number(jobs_[static_cast<size_t>(state)]), {{"state", proto::name(state)}});
  }
  out.family("pdf2md_jobs", Type::kGauge, "Unfinished jobs by state.");
  out.sample(number(snapshot.jobs_queued), {{"state", proto::name(JobState::kQueued)}});
  out.sample(number(snapshot.jobs_running), {{"state", proto::name(JobState::kRunning)}});
  out.gauge("pdf2md_queue_bytes", "Size of the documents of unfinished jobs.",
            number(snapshot.queue_bytes));
  out.gauge("pdf2md_oldest_job_seconds", "Age of the oldest unfinished job.",
            seconds(static_cast<double>(snapshot.oldest_job_ms)));
  out.histogram("pdf2md_job_duration_seconds", "From acceptance to DONE, waiting included.",
                job_seconds_);
  out.histogram("pdf2md_accept_duration_seconds",
                "From a document's last byte to ACCEPTED: what it takes to make it safe.",
                accept_seconds_);
}

void Metrics::write_pages(PrometheusText& out, int64_t now_ms) const {
  out.family("pdf2md_pages_total", Type::kCounter, "Pages finished, by status.");
  for (size_t i = 0; i < pages_.size(); ++i) {
    out.sample(number(pages_[i]), {{"status", kPageStatus[i]}});
  }
  out.gauge("pdf2md_pages_per_second", "Over the last minute.", pages_per_second(now_ms));
  out.histogram("pdf2md_page_duration_seconds", "From a worker's start on a page to its record.",
                page_seconds_);
}

std::string Metrics::text(const MetricsSnapshot& snapshot, int64_t now_ms) const {
  PrometheusText out;
  write_health(out, snapshot);
  write_jobs(out, snapshot);
  write_pages(out, now_ms);
  write_workers(out, snapshot);
  return out.text();
}

std::string status_line(const proto::HealthReport& health, double pages_per_second) {
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.1f", pages_per_second);
  auto counted = [](uint32_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  };
  std::string line = health.status == "ok" ? "" : health.status + ": ";
  line += counted(health.pool_size, "worker") + " (" + std::to_string(health.workers_ready) +
          " ready, " + std::to_string(health.workers_busy) + " busy), " +
          counted(health.queue_length, "job") + " waiting, " + rate + " pages/s";
  return line;
}

}  // namespace pdf2md::supervisor
