#include "ctl/top_counters.h"

#include <charconv>

namespace pdf2md::ctl {
namespace {

constexpr size_t kKept = 300;

double number_in(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void push(std::deque<double>& values, double value) {
  values.push_back(value);
  if (values.size() > kKept) values.pop_front();
}

}  // namespace

TopCounters read_counters(std::string_view metrics) {
  TopCounters counters;
  while (!metrics.empty()) {
    const size_t end = std::min(metrics.find('\n'), metrics.size());
    const std::string_view line = metrics.substr(0, end);
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
    const size_t space = line.rfind(' ');
    if (line.starts_with("#") || space == line.npos) continue;
    const std::string_view name = line.substr(0, space);
    const double value = number_in(line.substr(space + 1));
    if (name == "pdf2md_page_duration_seconds_sum") counters.page_seconds = value;
    if (name == "pdf2md_page_duration_seconds_count") counters.pages = value;
    if (name == "pdf2md_jobs_finished_total{state=\"done\"}") counters.jobs_done = value;
    if (name == "pdf2md_jobs_finished_total{state=\"failed\"}") counters.jobs_failed = value;
  }
  return counters;
}

void TopHistory::add(const TopCounters& counters, int64_t now_ms) {
  const double pages = counters.pages - last_.pages;
  const double seconds = counters.page_seconds - last_.page_seconds;
  const double passed = static_cast<double>(now_ms - last_ms_) / 1000;
  if (any_ && passed > 0 && pages >= 0) {
    push(rates_, pages / passed);
    push(latencies_, pages > 0 ? seconds / pages : 0);
    if (pages > 0) last_latency_ = seconds / pages;
  }
  any_ = true;
  last_ms_ = now_ms;
  last_ = counters;
}

}  // namespace pdf2md::ctl
