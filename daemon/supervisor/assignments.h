// Which worker has which tasks, and which pages it has begun. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "daemon/supervisor/job.h"

namespace pdf2md::supervisor {

struct Assigned {
  Task task;
  uint64_t worker = 0;
  std::vector<uint32_t> unfinished;      // of task.pages
  std::map<uint32_t, int64_t> begun_ms;  // pages under way
};

class Assignments {
 public:
  void add(uint64_t worker, Task task);
  Assigned* find(uint64_t task);
  const Assigned* find(uint64_t task) const { return const_cast<Assignments*>(this)->find(task); }
  std::optional<Assigned> take(uint64_t task);
  std::vector<Assigned> take_worker(uint64_t worker);
  // Tasks of a job that is over; returns the workers that had some.
  std::vector<uint64_t> drop_job(uint64_t job);

  void page_begun(uint64_t task, uint32_t page, int64_t now_ms);
  void page_done(uint64_t task, uint32_t page);

  size_t count(uint64_t worker) const;
  bool has_alone(uint64_t worker) const;
  bool has_job(uint64_t job) const;
  uint64_t any_job(uint64_t worker) const;  // of the oldest task; 0: none
  size_t total() const { return tasks_.size(); }

  struct Oldest {
    uint64_t task = 0, job = 0;
    uint32_t page = 0;  // 0: none
    int64_t begun_ms = 0;
  };
  Oldest oldest_page(uint64_t worker) const;

 private:
  std::map<uint64_t, Assigned> tasks_;  // by task id
};

// Who is suspected after a worker died with these tasks. Pages that were begun; all unfinished ones
// where the worker never says what it begins; and only `culprit` where the worker was killed for
// one page's sake.
struct Suspicion {
  bool reports_begins = false;
  uint32_t culprit_page = 0;
  uint64_t culprit_task = 0;
};
std::vector<uint32_t> suspects(const Assigned& assigned, const Suspicion& suspicion);

}  // namespace pdf2md::supervisor
