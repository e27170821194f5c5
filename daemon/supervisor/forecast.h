// When unfinished jobs will be done, as far as can be told: pages that go first, at the speed of
// the last ones.
//
// Jobs that were begun share the workers, so each puts as many of its pages before this one's end
// as it has itself, at most; jobs ahead in the queue count whole, at the usual number of pages.
#pragma once

#include <vector>

#include "daemon/supervisor/queue.h"

namespace pdf2md::supervisor {

class Forecast {
 public:
  // A picture of this moment; O(n log n) of the jobs that were begun.
  explicit Forecast(const Queue& queue);

  // What STATUS says about the job.
  proto::JobInfo info(const Job& job) const;

 private:
  uint64_t eta_ms(const Job& job, uint32_t position) const;
  double pages_of(const Job& job) const;
  double pages_beside(double own_pages) const;

  const Queue& queue_;
  std::vector<double> begun_pages_;  // left of each job that was begun, ascending
  std::vector<double> sums_;         // of the first 0, 1, ... of them
};

}  // namespace pdf2md::supervisor
