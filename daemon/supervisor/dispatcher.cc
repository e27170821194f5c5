#include "daemon/supervisor/dispatcher.h"

#include <algorithm>

#include "daemon/supervisor/wall_clock.h"
#include "proto/log.h"

namespace pdf2md::supervisor {

Dispatcher::Dispatcher(EventLoop& loop, const Config& config, const Machine& machine, Queue& queue,
                       std::function<void()> changed)
    : loop_(loop),
      config_(config),
      queue_(queue),
      changed_(std::move(changed)),
      figures_(config.workers),
      culprits_(config.workers),
      page_check_(loop),
      gpu_expected_(expects_gpu(config, machine)) {
  for (uint32_t slot = 0; slot < config.workers; ++slot) {
    WorkerSetup setup;
    setup.program = config.worker_program;
    setup.settings = config.supervision;
    setup.configure.slot = slot;
    setup.configure.device = device_for_slot(config, machine, slot);
    setup.configure.threads = config.threads;
    setup.configure.readers = config.readers;
    setup.configure.reader_program = config.reader_program;
    setup.configure.model_dir = config.model_dir;
    setup.configure.log_format = config.log.format;
    setup.configure.log_level = config.log.level;
    setup.configure.ocr_dpi = config.ocr_dpi;
    setup.configure.limits = config.limits;
    workers_.push_back(std::make_unique<WorkerSlot>(loop, slot, std::move(setup), *this));
  }
  int64_t patience_ms = config.limits.page_timeout_ms + config.supervision.page_margin_ms;
  page_check_.every(std::clamp<int64_t>(patience_ms / 4, 20, 1000), [this] { check_pages(); });
}

void Dispatcher::start() {
  for (auto& worker : workers_) worker->want();
}

void Dispatcher::stop() {
  stopping_ = true;
  for (auto& worker : workers_) worker->unwant();
}

void Dispatcher::stop_now() {
  stopping_ = true;
  for (auto& worker : workers_) worker->unwant_now();
}

bool Dispatcher::stopped() const {
  return std::none_of(workers_.begin(), workers_.end(),
                      [](const auto& worker) { return worker->has_process(); });
}

Now Dispatcher::now() const {
  return Now{loop_.now_ms(), unix_now_ms()};
}

// --- handing out
// -----------------------------------------------------------------------------------

void Dispatcher::hand_out(Now at) {
  if (stopping_) return;
  std::vector<Lane> lanes;
  for (const auto& worker : workers_) {
    size_t slot = worker->index();
    lanes.push_back({slot, worker->ready(), assignments_.has_alone(slot), assignments_.count(slot),
                     config_.readers});
  }
  for (Placement& placement : schedule_.plan(queue_, std::move(lanes), at)) {
    WorkerSlot& worker = *workers_[placement.slot];
    assignments_.add(placement.slot, placement.task);
    send_task(worker, placement.task);
  }
}

void Dispatcher::send_task(WorkerSlot& worker, const Task& task) {
  const Job* job = queue_.find(task.job);
  switch (task.kind) {
    case TaskKind::kProbe:
      return worker.send(proto::Probe{task.id, task.job, job->folder, job->options});
    case TaskKind::kConvert:
      return worker.send(
          proto::Convert{task.id, task.job, job->folder, job->options, task.pages, task.effort});
    case TaskKind::kAssemble:
      return worker.send(proto::Assemble{task.id, task.job, job->folder, job->options, task.pages});
  }
}

void Dispatcher::job_over(uint64_t job) {
  schedule_.drop_job(job);
  for (size_t slot : assignments_.drop_job(job)) workers_[slot]->send(proto::CancelJob{job});
}

bool Dispatcher::works_on(uint64_t job) const {
  return assignments_.has_job(job);
}

// --- answers
// ---------------------------------------------------------------------------------------

// Decodes an answer and finds its task. An answer to a task that is no more (its job was cancelled)
// is ignored.
template <class Answer, class Use>
Status Dispatcher::with_task(WorkerSlot& worker, const proto::Message& message, Use use) {
  Result<Answer> answer = proto::body_of<Answer>(message);
  if (!answer) return answer.error();
  Assigned* assigned = assignments_.find(answer->task);
  if (assigned == nullptr || assigned->slot != worker.index()) return Ok{};
  return use(*answer, *assigned);
}

Status Dispatcher::on_worker_message(WorkerSlot& worker, const proto::Message& message) {
  Figures& figures = figures_[worker.index()];
  // The task ends with this answer; `use` is the queue's reaction.
  auto ends = [&](Assigned& assigned, auto use) -> Status {
    Assigned taken = std::move(assigned);
    assignments_.take(taken.task.id);
    Status result = use(taken);
    // Sense or nonsense, the task must not be lost with it.
    if (!result)
      queue_.lost(taken.task, taken.unfinished, {}, true, now());
    else
      worker.worked();
    changed_();
    return result;
  };
  switch (message.type) {
    case proto::kPageStarted:
      return with_task<proto::PageStarted>(
          worker, message, [&](const auto& answer, Assigned&) -> Status {
            worker.reports_begins = true;
            assignments_.page_begun(answer.task, answer.page, loop_.now_ms());
            return Ok{};
          });
    case proto::kPageDone:
      return with_task<proto::PageDone>(
          worker, message, [&](const auto& answer, Assigned& assigned) -> Status {
            Status result = queue_.page_done(assigned.task, answer, now());
            if (!result) return result;
            assignments_.page_done(answer.task, answer.page);
            ++figures.pages_done;
            worker.worked();
            changed_();
            return result;
          });
    case proto::kProbed:
      return with_task<proto::Probed>(worker, message, [&](const auto& answer, Assigned& assigned) {
        return ends(assigned,
                    [&](Assigned& taken) { return queue_.probed(taken.task, answer, now()); });
      });
    case proto::kTaskDone:
      return with_task<proto::TaskDone>(worker, message, [&](const auto&, Assigned& assigned) {
        return ends(assigned, [&](Assigned& taken) {
          return queue_.task_done(taken.task, taken.unfinished);
        });
      });
    case proto::kAssembled:
      return with_task<proto::Assembled>(worker, message,
                                         [&](const auto& answer, Assigned& assigned) {
                                           ++figures.jobs_done;
                                           return ends(assigned, [&](Assigned& taken) {
                                             return queue_.assembled(taken.task, answer, now());
                                           });
                                         });
    case proto::kTaskFailed:
      return with_task<proto::TaskFailed>(
          worker, message, [&](const auto& answer, Assigned& assigned) {
            return ends(assigned, [&](Assigned& taken) -> Status {
              Error error{static_cast<ErrorCode>(answer.code), answer.message, answer.hint};
              queue_.task_failed(taken.task, taken.unfinished, error, now());
              return Ok{};
            });
          });
    default:
      return Error{ErrorCode::kBadMessage,
                   "message " + std::to_string(message.type) + ", which no worker sends", ""};
  }
}

void Dispatcher::on_worker_ready(WorkerSlot&) {
  any_was_ready_ = true;
  changed_();
}

// --- deaths
// ----------------------------------------------------------------------------------------

bool Dispatcher::on_worker_gone(WorkerSlot& worker, bool ours) {
  Suspicion suspicion = std::exchange(culprits_[worker.index()], {});
  suspicion.reports_begins = worker.reports_begins;
  bool blamed = false;
  for (Assigned& assigned : assignments_.take_slot(worker.index())) {
    std::vector<uint32_t> suspected;
    if (!ours) suspected = suspects(assigned, suspicion);
    bool task_blamed = !ours && suspicion.culprit_page == 0;
    if (assigned.task.alone &&
        (!suspected.empty() || (task_blamed && assigned.task.kind != TaskKind::kConvert))) {
      blamed = true;
    }
    for (uint32_t page : suspected) {
      log(LogLevel::kWarning, "page was under way when its worker died",
          {{"job", std::to_string(assigned.task.job)},
           {"page", std::to_string(page)},
           {"alone", assigned.task.alone ? "yes" : "no"},
           {"how", worker.last_exit()}});
    }
    queue_.lost(assigned.task, assigned.unfinished, suspected, task_blamed, now());
  }
  changed_();
  return blamed;
}

void Dispatcher::check_pages() {
  int64_t limit_ms = config_.limits.page_timeout_ms + config_.supervision.page_margin_ms;
  for (auto& worker : workers_) {
    Assignments::Oldest oldest = assignments_.oldest_page(worker->index());
    if (oldest.page != 0 && loop_.now_ms() - oldest.begun_ms > limit_ms) {
      culprits_[worker->index()] = {true, oldest.page, oldest.task};
      worker->misbehaved("page " + std::to_string(oldest.page) + " of job " +
                         std::to_string(oldest.job) + " takes longer than limits.page_timeout_s");
    } else if (worker->last_pong().oldest_page_ms > limit_ms) {
      // A page of a job that is over, or of a worker that does not say what it begins.
      worker->misbehaved("a page takes longer than limits.page_timeout_s");
    }
  }
}

bool Dispatcher::all_broken() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->broken(); });
}

std::string Dispatcher::why_broken() const {
  for (const auto& worker : workers_) {
    if (worker->broken()) return worker->last_exit();
  }
  return "";
}

void Dispatcher::look_for_exits() {
  for (auto& worker : workers_) worker->look_for_exit();
}

// --- looking
// ---------------------------------------------------------------------------------------

proto::WorkerList Dispatcher::workers(int64_t now_ms) const {
  proto::WorkerList list;
  std::vector<WorkerHealth> health = worker_health(now_ms);
  for (const auto& worker : workers_) {
    size_t slot = worker->index();
    Assignments::Oldest oldest = assignments_.oldest_page(slot);
    proto::WorkerInfo info;
    info.crash_looping = is_crash_looping(health[slot]);
    info.slot = static_cast<uint32_t>(slot);
    info.pid = worker->pid();
    info.state = worker->ready() && assignments_.count(slot) > 0 ? "busy" : name(worker->state());
    info.device = worker->facts().device;
    info.device_name = worker->facts().device_name;
    info.pages_done = figures_[slot].pages_done;
    info.jobs_done = figures_[slot].jobs_done;
    info.restarts = worker->restarts();
    info.rss_bytes = worker->last_pong().rss_bytes;
    info.job = oldest.page != 0 ? oldest.job : assignments_.any_job(slot);
    info.page = oldest.page;
    info.page_ms = oldest.page != 0 ? static_cast<uint32_t>(now_ms - oldest.begun_ms) : 0;
    info.last_exit = worker->last_exit();
    if (worker->last_proof_ms() != 0)
      info.proof_age_ms = static_cast<uint32_t>(now_ms - worker->last_proof_ms());
    list.workers.push_back(std::move(info));
  }
  return list;
}

std::vector<WorkerHealth> Dispatcher::worker_health(int64_t now_ms) const {
  std::vector<WorkerHealth> pool;
  for (const auto& worker : workers_) {
    size_t slot = worker->index();
    Assignments::Oldest oldest = assignments_.oldest_page(slot);
    WorkerHealth one;
    one.slot = static_cast<uint32_t>(slot);
    one.state = worker->state();
    one.wanted = worker->wanted();
    one.busy = assignments_.count(slot) > 0;
    one.last_proof_ms = worker->last_proof_ms();
    one.canary_ms = worker->last_pong().canary_ms;
    one.oldest_page_ms =
        oldest.page != 0 ? now_ms - oldest.begun_ms : worker->last_pong().oldest_page_ms;
    one.restarts = worker->restarts();
    one.fruitless = worker->fruitless();
    one.gpu_expected = gpu_expected_;
    one.device = worker->facts().device;
    one.device_note = worker->facts().note;
    one.last_exit = worker->last_exit();
    pool.push_back(std::move(one));
  }
  return pool;
}

proto::HealthReport Dispatcher::health(int64_t now_ms) const {
  return judge_health(worker_health(now_ms), now_ms, config_.supervision);
}

}  // namespace pdf2md::supervisor
