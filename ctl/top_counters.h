// What "pdf2mdctl top" takes from the daemon's counters, and what becomes of them over time.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

namespace pdf2md::ctl {

struct TopCounters {
  double pages = 0;         // finished so far
  double page_seconds = 0;  // that they took, summed
  double jobs_done = 0;     // so far
  double jobs_failed = 0;
};

// From Prometheus' text; what is not in it stays 0.
TopCounters read_counters(std::string_view metrics);

// Rates over the last minutes. Counters that fall are those of another daemon: all begins anew.
class TopHistory {
 public:
  void add(const TopCounters& counters, int64_t now_ms);

  const std::deque<double>& pages_per_second() const { return rates_; }
  // Mean time of the pages that were finished between two looks; 0 where there were none.
  const std::deque<double>& seconds_per_page() const { return latencies_; }
  double last_rate() const { return rates_.empty() ? 0 : rates_.back(); }
  double last_latency() const { return last_latency_; }  // of the last look that saw pages

 private:
  bool any_ = false;
  int64_t last_ms_ = 0;
  TopCounters last_;
  std::deque<double> rates_;
  std::deque<double> latencies_;
  double last_latency_ = 0;
};

}  // namespace pdf2md::ctl
