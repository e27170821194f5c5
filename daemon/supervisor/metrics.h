// What happened since the start, counted, and how it stands, as Prometheus' text. Pure: told by the
// one who hears of it (supervisor.cc), with the time.
#pragma once

#include <array>
#include <map>
#include <string>

#include "daemon/supervisor/prometheus_text.h"
#include "proto/service_messages.h"

namespace pdf2md::supervisor {

// Things done in each of the last seconds.
class RateWindow {
 public:
  static constexpr int64_t kSeconds = 60;
  void add(int64_t now_ms);
  // Per second, over the last minute or the time since `since_ms`, whichever is shorter.
  double per_second(int64_t now_ms, int64_t since_ms) const;

 private:
  struct Second {
    int64_t number = -1;
    uint32_t count = 0;
  };
  std::array<Second, kSeconds> seconds_;
};

// How it stands at this moment: what is measured rather than counted.
struct MetricsSnapshot {
  proto::HealthReport health;
  proto::WorkerList workers;
  std::map<std::string, uint64_t> deaths_by_exit;  // "signal 9 (Killed)" → how many
  size_t jobs_queued = 0, jobs_running = 0;
  uint64_t queue_bytes = 0;
  int64_t oldest_job_ms = 0;  // age of the oldest unfinished job; 0: none
  size_t clients = 0;
};

class Metrics {
 public:
  explicit Metrics(int64_t start_ms) : start_ms_(start_ms) {}

  void on_event(const proto::Event& event, int64_t now_ms);
  // `duration_ms`: from acceptance to the end.
  void on_job_over(proto::JobState state, int64_t duration_ms);
  // `latency_ms`: from the document's last byte to ACCEPTED.
  void on_accepted(int64_t latency_ms, uint64_t document_bytes);
  void on_busy() { ++busy_; }

  double pages_per_second(int64_t now_ms) const { return page_rate_.per_second(now_ms, start_ms_); }
  std::string text(const MetricsSnapshot& snapshot, int64_t now_ms) const;

 private:
  void write_jobs(PrometheusText& out, const MetricsSnapshot& snapshot) const;
  void write_pages(PrometheusText& out, int64_t now_ms) const;

  int64_t start_ms_;
  std::array<uint64_t, 4> pages_{};  // by document::PageStatus
  std::array<uint64_t, 5> jobs_{};   // by JobState
  uint64_t accepted_ = 0;
  uint64_t accepted_bytes_ = 0;
  uint64_t busy_ = 0;
  RateWindow page_rate_;
  Histogram page_seconds_{{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60}};
  Histogram job_seconds_{{0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600}};
  Histogram accept_seconds_{{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5}};
};

// One line for people: "2 workers (1 busy), 3 jobs waiting, 1.4 pages/s".
std::string status_line(const proto::HealthReport& health, double pages_per_second);

}  // namespace pdf2md::supervisor
