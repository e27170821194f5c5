#include "daemon/supervisor/queue.h"

#include <algorithm>

#include "proto/job_folder.h"

namespace pdf2md::supervisor {
namespace {

constexpr uint64_t kQuantumPages = 16;
constexpr uint64_t kOldestEvery = 4;

Error nonsense(const std::string& what) {
  return Error{ErrorCode::kBadMessage, what, ""};
}

}  // namespace

// --- admission
// -------------------------------------------------------------------------------------

std::string Queue::no_room(uint64_t bytes) const {
  size_t jobs = unfinished_.size() + reservations_.size();
  if (jobs >= limits_.max_jobs) return "the queue is full: " + std::to_string(jobs) + " jobs";
  if (bytes_ + bytes > limits_.max_bytes) {
    return "the queue is full: its documents have " + std::to_string(bytes_) + " bytes";
  }
  return "";
}

uint64_t Queue::reserve(uint64_t bytes) {
  uint64_t id = next_job_++;
  reservations_[id] = bytes;
  bytes_ += bytes;
  return id;
}

bool Queue::grow(uint64_t id, uint64_t bytes) {
  uint64_t& reserved = reservations_[id];
  if (bytes <= reserved) return true;
  if (bytes_ - reserved + bytes > limits_.max_bytes) return false;
  bytes_ += bytes - reserved;
  reserved = bytes;
  return true;
}

void Queue::release(uint64_t id) {
  auto at = reservations_.find(id);
  if (at == reservations_.end()) return;
  bytes_ -= at->second;
  reservations_.erase(at);
}

void Queue::admit(Job job, Now now) {
  release(job.id);
  bytes_ += job.document_bytes;
  job.submitted_unix_ms = now.unix_ms;
  uint64_t id = job.id;
  unfinished_.insert(id);
  queued_.insert(id);
  Job& placed = jobs_[id] = std::move(job);
  events_.push_back(placed.event(proto::EventKind::kState));
  update(placed);
}

// --- work
// ------------------------------------------------------------------------------------------

uint64_t Queue::level(const Job& job) const {
  return job.pages_handed_out / kQuantumPages;
}

void Queue::update(Job& job) {
  auto at = level_of_.find(job.id);
  if (at != level_of_.end()) {
    by_level_.erase({at->second, job.id});
    level_of_.erase(at);
  }
  if (!job.has_work(true)) return;
  level_of_[job.id] = level(job);
  by_level_.insert({level(job), job.id});
}

std::optional<Task> Queue::next(size_t lanes, bool allow_alone, Now now) {
  Job* chosen = nullptr;
  auto consider = [&](uint64_t id) {
    Job& job = jobs_[id];
    if (chosen == nullptr && job.has_work(allow_alone)) chosen = &job;
    return chosen != nullptr;
  };
  if (++turn_ % kOldestEvery == 0) {
    for (const auto& [id, ignored] : level_of_) {
      if (consider(id)) break;
    }
  } else {
    for (const auto& [ignored, id] : by_level_) {
      if (consider(id)) break;
    }
  }
  if (chosen == nullptr) return std::nullopt;
  Job& job = *chosen;
  Task task;
  task.id = next_task_++;
  task.job = job.id;
  if (job.stage == Stage::kPages) {
    task.kind = TaskKind::kConvert;
    // Spread over all lanes, so that a document of a few pages is not one worker's alone.
    size_t share = (job.pages.waiting() + lanes - 1) / std::max<size_t>(lanes, 1);
    std::optional<PageLedger::Range> range =
        job.pages.take(std::clamp<size_t>(share, 1, limits_.pages_per_task), allow_alone);
    task.pages = std::move(range->pages);
    task.effort = range->effort;
    task.alone = range->alone;
    job.pages_handed_out += task.pages.size();
  } else {
    task.kind = job.stage == Stage::kProbe ? TaskKind::kProbe : TaskKind::kAssemble;
    if (task.kind == TaskKind::kAssemble) task.pages = job.pages.pages();
    task.alone = job.stage_suspect;
    job.stage_out = true;
  }
  if (job.state == proto::JobState::kQueued) {
    job.state = proto::JobState::kRunning;
    job.started_unix_ms = now.unix_ms;
    int64_t timeout_ms = limits_.job_timeout_ms;
    if (job.options.timeout_ms != 0)
      timeout_ms = std::min<int64_t>(timeout_ms, job.options.timeout_ms);
    job.deadline_ms = now.monotonic_ms + timeout_ms;
    queued_.erase(job.id);
    events_.push_back(job.event(proto::EventKind::kState));
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
  proto::Event event = job->event(proto::EventKind::kPage);
  event.page = answer.page;
  event.page_status = answer.status;
  event.page_ms = answer.wall_ms;
  event.text = answer.note;
  events_.push_back(std::move(event));
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
  job->stage_out = false;
  bool final = is_document_fault(error.code) || ++job->stage_failures >= limits_.max_attempts;
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
    bool hopeless = false;
    for (uint32_t page : unfinished) {
      bool suspect = std::find(blamed.begin(), blamed.end(), page) != blamed.end();
      if (!suspect)
        job->pages.give_back(page);
      else if (!job->pages.blame(page, task.alone))
        hopeless = true;
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

// --- ends
// ------------------------------------------------------------------------------------------

void Queue::finish(Job& job, proto::JobState state, Now now) {
  job.stage = Stage::kOver;
  job.state = state;
  job.stage_out = false;
  job.finished_unix_ms = now.unix_ms;
  job.finished_ms = now.monotonic_ms;
  job.deadline_ms = 0;
  job.pages.compact();
  job.options.passwords = {};
  bytes_ -= job.document_bytes;
  unfinished_.erase(job.id);
  queued_.erase(job.id);
  ++finished_;
  update(job);
  events_.push_back(job.event(proto::EventKind::kState));
}

void Queue::fail_job(Job& job, const Error& error, Now now) {
  job.error = error;
  finish(job, proto::JobState::kFailed, now);
}

Status Queue::cancel(uint64_t id, Now now) {
  auto at = jobs_.find(id);
  if (at == jobs_.end())
    return Error{ErrorCode::kNoSuchJob, "there is no job " + std::to_string(id), ""};
  if (at->second.over()) {
    return Error{ErrorCode::kUnexpected,
                 "job " + std::to_string(id) + " is " + proto::name(at->second.state) + " already",
                 ""};
  }
  finish(at->second, proto::JobState::kCancelled, now);
  return Ok{};
}

void Queue::fail(uint64_t id, const Error& error, Now now) {
  auto at = jobs_.find(id);
  if (at != jobs_.end() && !at->second.over()) fail_job(at->second, error, now);
}

void Queue::fail_all(const Error& error, Now now) {
  std::set<uint64_t> all = unfinished_;
  for (uint64_t id : all) fail(id, error, now);
}

std::vector<uint64_t> Queue::overdue(int64_t now_ms) const {
  std::vector<uint64_t> ids;
  for (uint64_t id : unfinished_) {
    int64_t deadline = jobs_.at(id).deadline_ms;
    if (deadline != 0 && deadline <= now_ms) ids.push_back(id);
  }
  return ids;
}

int64_t Queue::next_deadline_ms() const {
  int64_t earliest = 0;
  for (uint64_t id : unfinished_) {
    int64_t deadline = jobs_.at(id).deadline_ms;
    if (deadline != 0 && (earliest == 0 || deadline < earliest)) earliest = deadline;
  }
  return earliest;
}

void Queue::postpone_deadlines(int64_t ms) {
  for (uint64_t id : unfinished_) {
    int64_t& deadline = jobs_.at(id).deadline_ms;
    if (deadline != 0) deadline += ms;
  }
}

std::vector<uint64_t> Queue::expire(int64_t now_ms) {
  std::vector<uint64_t> gone;
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    const Job& job = at->second;
    bool expired = job.over() && (finished_ > limits_.retained_jobs ||
                                  job.finished_ms + limits_.retained_ms <= now_ms);
    if (!expired) {
      ++at;
      continue;
    }
    gone.push_back(job.id);
    at = jobs_.erase(at);
    --finished_;
  }
  return gone;
}

void Queue::forget_outputs(uint64_t id) {
  auto at = jobs_.find(id);
  if (at != jobs_.end() && at->second.over()) at->second.outputs = {};
}

// --- looking
// ---------------------------------------------------------------------------------------

const Job* Queue::find(uint64_t id) const {
  auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : &at->second;
}

uint32_t Queue::position(uint64_t id) const {
  auto at = queued_.find(id);
  return at == queued_.end() ? 0 : static_cast<uint32_t>(std::distance(queued_.begin(), at));
}

}  // namespace pdf2md::supervisor
