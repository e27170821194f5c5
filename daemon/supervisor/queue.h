// All jobs, from the spool to their ends. Pure: no clock, no files, no sockets; what happened is
// told in events(). Whose turn it is, is decided in turns.h; whether there is room, in admission.h.
// Every call costs at most O(log n) of the number of jobs, unless its comment says more.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/supervisor/admission.h"
#include "daemon/supervisor/job.h"
#include "daemon/supervisor/journal_file.h"
#include "daemon/supervisor/rate.h"
#include "daemon/supervisor/turns.h"

namespace pdf2md::supervisor {

struct QueueLimits {
  AdmissionLimits admission;  // of unfinished jobs, uploads under way included
  uint32_t pages_per_task = 8;
  uint32_t max_attempts = 3;    // of a probe or an assembly
  uint32_t max_pages = 10'000;  // of one document
  int64_t job_timeout_ms = 600'000;
  uint32_t retained_jobs = 1000;  // finished
  uint64_t retained_bytes = UINT64_MAX;
  int64_t retained_ms = 86'400'000;
};

// The two clocks, taken once for a call.
struct Now {
  int64_t monotonic_ms = 0;
  int64_t unix_ms = 0;
};

class Queue {
 public:
  explicit Queue(const QueueLimits& limits)
      : limits_(limits), admission_(limits.admission), turns_(limits.pages_per_task) {}
  // From now on; what was admitted stays.
  void set_limits(const QueueLimits& limits) {
    limits_ = limits;
    admission_.set_limits(limits.admission);
    turns_.set_max_cost(limits.pages_per_task);
  }

  // --- admission ---
  // Why there is no room for another document of `bytes` of this owner ("" if there is).
  std::string no_room(uint32_t owner, uint64_t bytes) const {
    return admission_.no_room(owner, bytes);
  }
  // When a client that finds no room should try again: about when the next job will have ended,
  // judged by the last ones; `unknown_ms` until enough have.
  uint32_t retry_after_ms(uint32_t unknown_ms, int64_t now_ms) const;
  // A place for an upload; counts as a job until release() or admit().
  uint64_t reserve(uint32_t owner, uint64_t bytes);
  // The upload has grown. False: no room any more.
  bool grow(uint64_t id, uint64_t bytes) { return admission_.grow(id, bytes); }
  void release(uint64_t id);
  // `job.id` is the reserved one.
  void admit(Job job, Now now);
  // A job from before a restart, as it then was: it goes on, or is kept if it is over. The oldest
  // first; those that are over, in the order in which they ended.
  void restore(Job job, Now now);

  // --- work ---
  // The next task for a pool that can run `lanes` tasks; `allow_alone`: tasks that need a worker of
  // their own too.
  std::optional<Task> next(size_t lanes, bool allow_alone, Now now);

  // What a worker says about a task. kBadMessage: it makes no sense, the worker is broken.
  Status probed(const Task& task, const proto::Probed& answer, Now now);
  Status page_done(const Task& task, const proto::PageDone& answer, Now now);
  Status task_done(const Task& task, const std::vector<uint32_t>& unfinished);
  Status assembled(const Task& task, const proto::Assembled& answer, Now now);
  // Of a journalled job, a task that failed for want of disk space is tried again without end: the
  // caller waits between.
  void task_failed(const Task& task, const std::vector<uint32_t>& unfinished, const Error& error,
                   Now now);

  // The worker is gone. `unfinished` pages of the task are handed out again; those in `blamed` are
  // suspects.
  void lost(const Task& task, const std::vector<uint32_t>& unfinished,
            const std::vector<uint32_t>& blamed, bool task_blamed, Now now);

  // --- wishes ---
  // kNoSuchJob, or kUnexpected where the job is over already.
  Status cancel(uint64_t id, Now now);
  Status hold(uint64_t id, Now now);
  Status unhold(uint64_t id, Now now);
  Status set_priority(uint64_t id, uint32_t priority);

  // --- ends ---
  void fail(uint64_t id, const Error& error, Now now);
  // Jobs that live only as long as their client. O(n log n)
  void fail_attached(const Error& error, Now now);
  // Jobs beyond their deadline, which the caller fails.
  std::vector<uint64_t> overdue(int64_t now_ms) const;
  int64_t next_deadline_ms() const;  // 0: none
  // Nobody could work for so long: that is not held against the jobs that run.
  void postpone_deadlines(int64_t ms);
  // A finished job is kept no longer. kNoSuchJob, or kNotFinished.
  Status forget(uint64_t id);
  // Finished jobs that are kept no longer: removed here, their ids told. O(n) for a forgotten one.
  std::vector<uint64_t> expire(int64_t now_ms);
  // From here on clients may know that the job is over.
  void end_told(uint64_t id);
  // What the folder of a finished job takes.
  void set_kept_bytes(uint64_t id, uint64_t bytes);
  uint64_t kept_bytes() const { return kept_bytes_; }
  // The results of a finished job are gone (its client left).
  void forget_outputs(uint64_t id);

  // --- looking ---
  const Job* find(uint64_t id) const;
  const std::map<uint64_t, Job>& jobs() const { return jobs_; }
  const std::set<uint64_t>& begun() const { return begun_; }      // and not over
  const std::set<uint64_t>& waiting() const { return waiting_; }  // not begun
  size_t unfinished() const { return begun_.size() + waiting_.size(); }
  size_t reserved() const { return admission_.jobs() - unfinished(); }
  uint64_t bytes() const { return admission_.bytes(); }
  // Jobs that will be begun before this one, while it waits. O(log n + owners).
  uint32_t position(uint64_t id) const { return static_cast<uint32_t>(turns_.position(id)); }
  // Of the last pages, over the whole pool; 0 while it is not known.
  double ms_per_page() const { return pages_rate_.interval_ms(); }
  double pages_per_job() const { return pages_per_job_; }

  // What happened since the last call, in order.
  std::vector<proto::Event> take_events() { return std::exchange(events_, {}); }
  // What the journal has to remember since the last call. Attached jobs never show up in it.
  JournalBatch take_changes() { return std::exchange(changes_, {}); }
  // Ids below were, or may have been, given out by an earlier daemon.
  void start_ids_at(uint64_t id) { next_job_ = id_limit_ = id; }

 private:
  Job* running(const Task& task);
  Result<Job*> unfinished_job(uint64_t id);
  void begin(Job& job, Now now);
  void update(Job& job);  // its place among those with work, after every change
  void set_deadline(Job& job, int64_t deadline_ms);
  void finish(Job& job, proto::JobState state, Now now);
  void remove(std::deque<uint64_t>::iterator finished, std::vector<uint64_t>& gone);
  void fail_job(Job& job, const Error& error, Now now);
  void after_pages(Job& job);
  void remember(const Job& job);
  void remember_page(const Job& job, uint32_t page);
  void tell(const Job& job) { events_.push_back(job.event(proto::EventKind::kState)); }

  QueueLimits limits_;
  Admission admission_;
  Turns turns_;
  std::map<uint64_t, Job> jobs_;
  std::set<uint64_t> begun_;
  std::set<uint64_t> waiting_;
  std::deque<uint64_t> finished_;                     // in the order in which they ended
  std::set<uint64_t> unwanted_;                       // of these, by forget()
  std::set<std::pair<int64_t, uint64_t>> deadlines_;  // (when, job)
  std::vector<proto::Event> events_;
  JournalBatch changes_;
  uint64_t kept_bytes_ = 0;  // of finished jobs
  Rate pages_rate_;
  Rate jobs_rate_;
  double pages_per_job_ = 1;  // a mean over the last jobs
  uint64_t next_job_ = 1;
  uint64_t id_limit_ = 1;  // ids below are spoken for in the journal
  uint64_t next_task_ = 1;
};

}  // namespace pdf2md::supervisor
