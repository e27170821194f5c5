// All jobs, and whose turn it is. Pure: no clock, no files, no sockets; what happened is told in
// events().
//
// Turns: a job has a level, the number of quanta of kQuantumPages pages that it was given so far.
// The lowest level goes first, the older job within a level. So equal small jobs are finished one
// after the other, a small one is not stuck behind a book, and books share. Every fourth turn goes
// to the oldest job whatever its level, so that a stream of small jobs cannot starve a book.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/supervisor/job.h"

namespace pdf2md::supervisor {

struct QueueLimits {
  uint32_t max_jobs = 1000;  // unfinished, uploads under way included
  uint64_t max_bytes = 16ull << 30;
  uint32_t pages_per_task = 8;
  uint32_t max_attempts = 3;    // of a probe or an assembly
  uint32_t max_pages = 10'000;  // of one document
  int64_t job_timeout_ms = 600'000;
  uint32_t retained_jobs = 1000;  // finished
  int64_t retained_ms = 86'400'000;
};

// The two clocks, taken once for a call.
struct Now {
  int64_t monotonic_ms = 0;
  int64_t unix_ms = 0;
};

class Queue {
 public:
  explicit Queue(const QueueLimits& limits) : limits_(limits) {}
  // From now on; what was admitted stays.
  void set_limits(const QueueLimits& limits) { limits_ = limits; }

  // --- admission
  // ----------------------------------------------------------------------------------- Why there
  // is no room for another document of `bytes` ("" if there is).
  std::string no_room(uint64_t bytes) const;
  // A place for an upload; counts as a job until release() or admit().
  uint64_t reserve(uint64_t bytes);
  // The upload has grown. False: no room any more.
  bool grow(uint64_t id, uint64_t bytes);
  void release(uint64_t id);
  // `job.id` is the reserved one.
  void admit(Job job, Now now);

  // --- work
  // ---------------------------------------------------------------------------------------- The
  // next task for a pool that can run `lanes` tasks; `allow_alone`: tasks that need a worker of
  // their own too.
  std::optional<Task> next(size_t lanes, bool allow_alone, Now now);

  // What a worker says about a task. kBadMessage: it makes no sense, the worker is broken.
  Status probed(const Task& task, const proto::Probed& answer, Now now);
  Status page_done(const Task& task, const proto::PageDone& answer, Now now);
  Status task_done(const Task& task, const std::vector<uint32_t>& unfinished);
  Status assembled(const Task& task, const proto::Assembled& answer, Now now);
  void task_failed(const Task& task, const std::vector<uint32_t>& unfinished, const Error& error,
                   Now now);

  // The worker is gone. `unfinished` pages of the task are handed out again; those in `blamed` are
  // suspects.
  void lost(const Task& task, const std::vector<uint32_t>& unfinished,
            const std::vector<uint32_t>& blamed, bool task_blamed, Now now);

  // --- ends
  // ----------------------------------------------------------------------------------------
  // kNoSuchJob, or kUnexpected where the job is over already.
  Status cancel(uint64_t id, Now now);
  void fail(uint64_t id, const Error& error, Now now);
  void fail_all(const Error& error, Now now);
  // Jobs beyond their deadline, which the caller fails.
  std::vector<uint64_t> overdue(int64_t now_ms) const;
  int64_t next_deadline_ms() const;  // 0: none
  // Nobody could work for so long: that is not held against the jobs that run.
  void postpone_deadlines(int64_t ms);
  // Finished jobs that are kept no longer: removed here, their ids told.
  std::vector<uint64_t> expire(int64_t now_ms);
  // The results of a finished job are gone (its client left).
  void forget_outputs(uint64_t id);

  // --- looking
  // -------------------------------------------------------------------------------------
  const Job* find(uint64_t id) const;
  const std::map<uint64_t, Job>& jobs() const { return jobs_; }
  uint32_t position(uint64_t id) const;  // jobs ahead of a queued one
  size_t unfinished() const { return unfinished_.size(); }
  size_t waiting() const { return queued_.size(); }  // not begun
  size_t reserved() const { return reservations_.size(); }
  uint64_t bytes() const { return bytes_; }

  // What happened since the last call, in order.
  std::vector<proto::Event> take_events() { return std::exchange(events_, {}); }

 private:
  Job* running(const Task& task);
  void update(Job& job);  // its place among the runnable, after every change
  void finish(Job& job, proto::JobState state, Now now);
  void fail_job(Job& job, const Error& error, Now now);
  void after_pages(Job& job);
  uint64_t level(const Job& job) const;

  QueueLimits limits_;
  std::map<uint64_t, Job> jobs_;
  std::set<uint64_t> unfinished_;
  std::set<uint64_t> queued_;
  std::map<uint64_t, uint64_t> reservations_;         // id → bytes
  std::set<std::pair<uint64_t, uint64_t>> by_level_;  // (level, id) of jobs with work
  std::map<uint64_t, uint64_t> level_of_;             // the same by id, so by age
  std::vector<proto::Event> events_;
  uint64_t bytes_ = 0;  // of unfinished jobs and reservations
  uint64_t next_job_ = 1;
  uint64_t next_task_ = 1;
  uint64_t turn_ = 0;
  size_t finished_ = 0;
};

}  // namespace pdf2md::supervisor
