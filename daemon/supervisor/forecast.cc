#include "daemon/supervisor/forecast.h"

#include <algorithm>

namespace pdf2md::supervisor {

Forecast::Forecast(const Queue& queue) : queue_(queue) {
  for (uint64_t id : queue.begun()) {
    const Job& job = *queue.find(id);
    if (!job.held) begun_pages_.push_back(pages_of(job));
  }
  std::sort(begun_pages_.begin(), begun_pages_.end());
  sums_.push_back(0);
  for (double pages : begun_pages_) sums_.push_back(sums_.back() + pages);
}

// Left to do. A document that nobody has opened yet is taken for a usual one.
double Forecast::pages_of(const Job& job) const {
  if (job.pages.total() == 0) return std::max(1.0, queue_.pages_per_job());
  return std::max<double>(1, job.pages_left());
}

// The sum of min(theirs, own) over the jobs that were begun.
double Forecast::pages_beside(double own_pages) const {
  size_t smaller = static_cast<size_t>(
      std::lower_bound(begun_pages_.begin(), begun_pages_.end(), own_pages) - begun_pages_.begin());
  return sums_[smaller] + own_pages * static_cast<double>(begun_pages_.size() - smaller);
}

uint64_t Forecast::eta_ms(const Job& job, uint32_t position) const {
  if (job.over() || job.held || queue_.ms_per_page() == 0) return 0;
  double own = pages_of(job);
  double pages = pages_beside(own);  // its own among them, if it was begun
  if (job.state == proto::JobState::kQueued) pages += own + position * queue_.pages_per_job();
  return static_cast<uint64_t>(pages * queue_.ms_per_page()) + 1;
}

proto::JobInfo Forecast::info(const Job& job) const {
  proto::JobInfo info = job.info();
  info.position = queue_.position(job.id);
  info.eta_ms = eta_ms(job, info.position);
  return info;
}

}  // namespace pdf2md::supervisor
