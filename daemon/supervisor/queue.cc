#include "daemon/supervisor/queue.h"

#include <algorithm>
#include <cmath>

#include "proto/job_folder.h"

namespace pdf2md::supervisor {
namespace {

constexpr uint64_t kIdBlock = 100;
constexpr double kShortestRetryMs = 200;
constexpr double kLongestRetryMs = 60'000;
constexpr double kJobMemory = 0.98;  // the last fifty jobs or so say how many pages a job has

Error nonsense(const std::string& what) {
  return Error{ErrorCode::kBadMessage, what, ""};
}

}  // namespace

// --- admission ---

uint32_t Queue::retry_after_ms(uint32_t unknown_ms, int64_t now_ms) const {
  if (!jobs_rate_.known()) return unknown_ms;
  // Where none has ended for longer than usual, the next will not come sooner than that.
  double since_last_ms = static_cast<double>(now_ms - jobs_rate_.last_ms());
  double wait_ms = std::max(jobs_rate_.interval_ms(), since_last_ms);
  return static_cast<uint32_t>(std::lround(std::clamp(wait_ms, kShortestRetryMs, kLongestRetryMs)));
}

uint64_t Queue::reserve(uint32_t owner, uint64_t bytes) {
  uint64_t id = next_job_++;
  if (id >= id_limit_) changes_.id_limit = id_limit_ = id + kIdBlock;
  admission_.add(id, owner, bytes);
  return id;
}

void Queue::release(uint64_t id) {
  if (jobs_.count(id) == 0) admission_.remove(id);
}

void Queue::admit(Job job, Now now) {
  uint64_t id = job.id;
  admission_.add(id, job.uid, job.document_bytes);
  if (job.submitted_unix_ms == 0) job.submitted_unix_ms = now.unix_ms;
  if (job.over()) {       // answered by an earlier one
    job.end_told = true;  // it was journalled so
    finish(jobs_[id] = std::move(job), proto::JobState::kDone, now);
    return;
  }
  waiting_.insert(id);
  Job& placed = jobs_[id] = std::move(job);
  tell(placed);
  update(placed);
}

void Queue::restore(Job job, Now now) {
  uint64_t id = job.id;
  next_job_ = std::max(next_job_, id + 1);
  Job& placed = jobs_[id] = std::move(job);
  if (placed.over()) {
    placed.end_told = true;
    placed.finished_ms = now.monotonic_ms - (now.unix_ms - placed.finished_unix_ms);
    finished_.push_back(id);
    return;
  }
  admission_.add(id, placed.uid, placed.document_bytes);
  placed.deadline_ms = 0;
  if (placed.state == proto::JobState::kQueued)
    waiting_.insert(id);
  else
    begin(placed, now);
  update(placed);
}

void Queue::remember(const Job& job) {
  if (!job.attached) changes_.jobs.push_back(job.record());
}

void Queue::remember_page(const Job& job, uint32_t page) {
  if (!job.attached) changes_.pages.push_back(job.pages.mark(job.id, page));
}

// --- work ---

void Queue::update(Job& job) {
  if (!job.has_work(true)) return turns_.remove(job.id);
  Turns::Ticket ticket;
  ticket.job = job.id;
  ticket.owner = job.uid;
  ticket.priority = job.priority;
  ticket.pages_given = job.pages_handed_out;
  ticket.begun = job.state != proto::JobState::kQueued;
  ticket.alone_only = !job.has_work(false);
  turns_.place(ticket);
}

void Queue::set_deadline(Job& job, int64_t deadline_ms) {
  if (job.deadline_ms != 0) deadlines_.erase({job.deadline_ms, job.id});
  job.deadline_ms = deadline_ms;
  if (deadline_ms != 0) deadlines_.insert({deadline_ms, job.id});
}

// Its time runs from here.
void Queue::begin(Job& job, Now now) {
  if (begun_.empty()) {
    pages_rate_.resume(now.monotonic_ms);
    jobs_rate_.resume(now.monotonic_ms);
  }
  waiting_.erase(job.id);
  begun_.insert(job.id);
  job.state = proto::JobState::kRunning;
  if (job.started_unix_ms == 0) job.started_unix_ms = now.unix_ms;
  int64_t timeout_ms = limits_.job_timeout_ms;
  if (job.options.timeout_ms != 0)
    timeout_ms = std::min<int64_t>(timeout_ms, job.options.timeout_ms);
  if (job.held)
    job.time_left_ms = timeout_ms;
  else
    set_deadline(job, now.monotonic_ms + timeout_ms);
}

std::optional<Task> Queue::next(size_t lanes, bool allow_alone, Now now) {
  std::optional<uint64_t> chosen = turns_.next(allow_alone);
  if (!chosen) return std::nullopt;
  Job& job = jobs_.at(*chosen);
  Task task;
  task.id = next_task_++;
  task.job = job.id;
  if (job.stage == Stage::kPages) {
    task.kind = TaskKind::kConvert;
    // Spread over all lanes that it may have, so that a document of a few pages is not one worker's
    // alone.
    if (job.max_workers != 0) lanes = std::min<size_t>(lanes, job.max_workers);
    size_t share = (job.pages.waiting() + lanes - 1) / std::max<size_t>(lanes, 1);
    std::optional<PageLedger::Range> range =
        job.pages.take(std::clamp<size_t>(share, 1, limits_.pages_per_task), allow_alone);
    task.pages = std::move(range->pages);
    task.effort = range->effort;
    task.alone = range->alone;
    job.pages_handed_out += task.pages.size();
    ++job.ranges_out;
  } else {
    task.kind = job.stage == Stage::kProbe ? TaskKind::kProbe : TaskKind::kAssemble;
    if (task.kind == TaskKind::kAssemble) task.pages = job.pages.pages();
    task.alone = job.stage_suspect;
    job.stage_out = true;
  }
  turns_.charge(job.id, task.kind == TaskKind::kConvert ? task.pages.size() : 1);
  if (job.state == proto::JobState::kQueued) {
    begin(job, now);
    tell(job);
  }
  update(job);
  return task;
}

// The job that a task belongs to, if it still runs.
Job* Queue::running(const Task& task) {
  auto at = jobs_.find(task.job);
  return at == jobs_.end() || at->second.over() ? nullptr : &at->second;
}

Status Queue::probed(const Task& task, const proto::Probed& answer, Now now) {
  Job* job = running(task);
  if (job == nullptr) return Ok{};
  if (task.kind != TaskKind::kProbe) return nonsense("PROBED for a task that is none");
  bool ascending = std::adjacent_find(answer.pages.begin(), answer.pages.end(),
                                      std::greater_equal<>()) == answer.pages.end();
  if (answer.pages.empty() || answer.pages.front() == 0 || !ascending ||
      answer.pages.size() > limits_.max_pages) {
    return nonsense("PROBED with pages that are none, too many or out of order");
  }
  job->pages = PageLedger(answer.pages);
  job->stage = Stage::kPages;
  job->stage_out = job->stage_suspect = false;
  job->stage_failures = 0;
  remember(*job);
  proto::Event event =
      job->event(answer.note.empty() ? proto::EventKind::kState : proto::EventKind::kLog);
  event.text = answer.note;
  events_.push_back(std::move(event));
  update(*job);
  return Ok{};
}

Status Queue::page_done(const Task& task, const proto::PageDone& answer, Now now) {
  Job* job = running(task);
  if (job == nullptr) return Ok{};
  bool of_task = std::find(task.pages.begin(), task.pages.end(), answer.page) != task.pages.end();
  if (task.kind != TaskKind::kConvert || !of_task ||
      !job->pages.finish(answer.page, answer.status)) {
    return nonsense("PAGE_DONE for page " + std::to_string(answer.page) +
                    ", which it was not given");
  }
  pages_rate_.count(now.monotonic_ms);
  job->stage_failures = 0;  // it advances: a book is not given up for errors far apart
  proto::Event event = job->event(proto::EventKind::kPage);
  event.page = answer.page;
  event.page_status = answer.status;
  event.page_ms = answer.wall_ms;
  event.text = answer.note;
  events_.push_back(std::move(event));
  remember_page(*job, answer.page);
  if (answer.status == kPageFailed && job->options.strict) {
    fail_job(*job,
             Error{ErrorCode::kPageFailed,
                   "page " + std::to_string(answer.page) + " failed: " + answer.note,
                   "without \"strict\", a placeholder would stand for it"},
             now);
    return Ok{};
  }
  after_pages(*job);
  return Ok{};
}

void Queue::after_pages(Job& job) {
  if (job.pages.complete()) job.stage = Stage::kAssemble;
  update(job);
}

Status Queue::task_done(const Task& task, const std::vector<uint32_t>& unfinished) {
  Job* job = running(task);
  if (job == nullptr) return Ok{};
  if (task.kind != TaskKind::kConvert || !unfinished.empty())
    return nonsense("TASK_DONE for a task that is not done");
  --job->ranges_out;
  update(*job);
  return Ok{};
}

Status Queue::assembled(const Task& task, const proto::Assembled& answer, Now now) {
  Job* job = running(task);
  if (job == nullptr) return Ok{};
  if (task.kind != TaskKind::kAssemble) return nonsense("ASSEMBLED for a task that is none");
  for (const proto::OutputInfo& output : answer.outputs) {
    if (proto::output_path("", output.name).empty())
      return nonsense("ASSEMBLED with an output that cannot be");
  }
  job->outputs = answer.outputs;
  finish(*job, proto::JobState::kDone, now);
  return Ok{};
}

void Queue::task_failed(const Task& task, const std::vector<uint32_t>& unfinished,
                        const Error& error, Now now) {
  Job* job = running(task);
  if (job == nullptr) return;
  for (uint32_t page : unfinished) job->pages.give_back(page);
  if (task.kind == TaskKind::kConvert) --job->ranges_out;
  job->stage_out = false;
  // For room on the disk it waits, however long; a client that waits itself is told soon.
  bool counts = error.code != ErrorCode::kNoSpace || job->attached;
  bool final =
      is_document_fault(error.code) || (counts && ++job->stage_failures >= limits_.max_attempts);
  if (final)
    fail_job(*job, error, now);
  else
    update(*job);
}

void Queue::lost(const Task& task, const std::vector<uint32_t>& unfinished,
                 const std::vector<uint32_t>& blamed, bool task_blamed, Now now) {
  Job* job = running(task);
  if (job == nullptr) return;
  if (task.kind == TaskKind::kConvert) {
    --job->ranges_out;
    bool hopeless = false;
    for (uint32_t page : unfinished) {
      bool suspect = std::find(blamed.begin(), blamed.end(), page) != blamed.end();
      if (!suspect) {
        job->pages.give_back(page);
        continue;
      }
      if (!job->pages.blame(page, task.alone)) hopeless = true;
      remember_page(*job, page);
      remember(*job);
    }
    if (hopeless) {
      fail_job(*job,
               Error{ErrorCode::kWorkerDied,
                     "page " + std::to_string(task.pages[0]) +
                         ": workers keep dying, even where nothing of it is opened",
                     "see the daemon's log"},
               now);
      return;
    }
  } else {
    job->stage_out = false;
    if (task_blamed) {
      if (task.alone) ++job->stage_failures;
      job->stage_suspect = true;
      remember(*job);
    }
    if (job->stage_failures >= limits_.max_attempts) {
      const char* what = task.kind == TaskKind::kProbe ? "opening" : "joining the pages of";
      fail_job(*job,
               Error{ErrorCode::kWorkerDied,
                     std::string(what) + " the document killed its worker " +
                         std::to_string(job->stage_failures) + " times",
                     "see the daemon's log"},
               now);
      return;
    }
  }
  update(*job);
}

// --- wishes ---

Result<Job*> Queue::unfinished_job(uint64_t id) {
  auto at = jobs_.find(id);
  if (at == jobs_.end())
    return Error{ErrorCode::kNoSuchJob, "there is no job " + std::to_string(id), ""};
  if (at->second.over()) {
    return Error{ErrorCode::kUnexpected,
                 "job " + std::to_string(id) + " is " + proto::name(at->second.state) + " already",
                 ""};
  }
  return &at->second;
}

Status Queue::cancel(uint64_t id, Now now) {
  Result<Job*> job = unfinished_job(id);
  if (!job) return job.error();
  finish(**job, proto::JobState::kCancelled, now);
  return Ok{};
}

Status Queue::hold(uint64_t id, Now now) {
  Result<Job*> found = unfinished_job(id);
  if (!found) return found.error();
  Job& job = **found;
  if (job.held) return Ok{};
  job.held = true;
  remember(job);
  if (job.deadline_ms != 0) job.time_left_ms = job.deadline_ms - now.monotonic_ms;
  set_deadline(job, 0);
  update(job);
  tell(job);
  return Ok{};
}

Status Queue::unhold(uint64_t id, Now now) {
  Result<Job*> found = unfinished_job(id);
  if (!found) return found.error();
  Job& job = **found;
  if (!job.held) return Ok{};
  job.held = false;
  remember(job);
  if (job.state == proto::JobState::kRunning) {
    set_deadline(job, now.monotonic_ms + job.time_left_ms);
    pages_rate_.resume(now.monotonic_ms);
  }
  update(job);
  tell(job);
  return Ok{};
}

Status Queue::set_priority(uint64_t id, uint32_t priority) {
  Result<Job*> job = unfinished_job(id);
  if (!job) return job.error();
  (*job)->priority = priority;
  remember(**job);
  update(**job);
  return Ok{};
}

// --- ends ---

void Queue::finish(Job& job, proto::JobState state, Now now) {
  if (state == proto::JobState::kDone)
    pages_per_job_ += (1 - kJobMemory) * (job.pages.total() - pages_per_job_);
  job.stage = Stage::kOver;
  job.state = state;
  job.stage_out = job.held = false;
  job.finished_unix_ms = now.unix_ms;
  job.finished_ms = now.monotonic_ms;
  set_deadline(job, 0);
  job.pages.compact();
  job.options.passwords = {};
  admission_.remove(job.id);
  waiting_.erase(job.id);
  finished_.push_back(job.id);
  if (begun_.erase(job.id) != 0) jobs_rate_.count(now.monotonic_ms);
  update(job);
  remember(job);
  tell(job);
}

void Queue::end_told(uint64_t id) {
  auto found = jobs_.find(id);
  if (found != jobs_.end()) found->second.end_told = true;
}

void Queue::fail_job(Job& job, const Error& error, Now now) {
  job.error = error;
  finish(job, proto::JobState::kFailed, now);
}

void Queue::fail(uint64_t id, const Error& error, Now now) {
  auto at = jobs_.find(id);
  if (at != jobs_.end() && !at->second.over()) fail_job(at->second, error, now);
}

void Queue::fail_attached(const Error& error, Now now) {
  std::set<uint64_t> all = begun_;
  all.insert(waiting_.begin(), waiting_.end());
  for (uint64_t id : all) {
    if (jobs_.at(id).attached) fail(id, error, now);
  }
}

std::vector<uint64_t> Queue::overdue(int64_t now_ms) const {
  std::vector<uint64_t> ids;
  for (const auto& [deadline_ms, id] : deadlines_) {
    if (deadline_ms > now_ms) break;
    ids.push_back(id);
  }
  return ids;
}

int64_t Queue::next_deadline_ms() const {
  return deadlines_.empty() ? 0 : deadlines_.begin()->first;
}

void Queue::postpone_deadlines(int64_t ms) {
  for (uint64_t id : begun_) {
    Job& job = jobs_.at(id);
    if (job.deadline_ms != 0) set_deadline(job, job.deadline_ms + ms);
  }
}

Status Queue::forget(uint64_t id) {
  const Job* job = find(id);
  if (job == nullptr || unwanted_.count(id) != 0)
    return Error{ErrorCode::kNoSuchJob, "there is no job " + std::to_string(id), ""};
  if (!job->end_told) {
    return Error{ErrorCode::kNotFinished, "job " + std::to_string(id) + " is not finished",
                 "cancel it first"};
  }
  unwanted_.insert(id);
  return Ok{};
}

void Queue::remove(std::deque<uint64_t>::iterator finished, std::vector<uint64_t>& gone) {
  auto job = jobs_.find(*finished);
  gone.push_back(job->first);
  if (!job->second.attached) changes_.forgotten.push_back(job->first);
  kept_bytes_ -= job->second.kept_bytes;
  jobs_.erase(job);
  finished_.erase(finished);
}

std::vector<uint64_t> Queue::expire(int64_t now_ms) {
  std::vector<uint64_t> gone;
  for (uint64_t id : std::exchange(unwanted_, {}))
    remove(std::find(finished_.begin(), finished_.end(), id), gone);
  while (!finished_.empty()) {
    const Job& oldest = jobs_.at(finished_.front());
    bool expired = finished_.size() > limits_.retained_jobs ||
                   kept_bytes_ > limits_.retained_bytes ||
                   oldest.finished_ms + limits_.retained_ms <= now_ms;
    if (!expired) break;
    remove(finished_.begin(), gone);
  }
  return gone;
}

void Queue::set_kept_bytes(uint64_t id, uint64_t bytes) {
  auto at = jobs_.find(id);
  if (at == jobs_.end() || !at->second.over()) return;
  kept_bytes_ += bytes - at->second.kept_bytes;
  at->second.kept_bytes = bytes;
}

void Queue::forget_outputs(uint64_t id) {
  auto at = jobs_.find(id);
  if (at != jobs_.end() && at->second.over()) at->second.outputs = {};
}

// --- looking ---

const Job* Queue::find(uint64_t id) const {
  auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : &at->second;
}

}  // namespace pdf2md::supervisor
