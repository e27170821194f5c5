#include "daemon/supervisor/dispatcher.h"

#include <algorithm>
#include <utility>

#include "daemon/supervisor/wall_clock.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

constexpr int64_t kRoomRetryMs = 1000;

}  // namespace

Dispatcher::Dispatcher(EventLoop& loop, const Config& config, const Machine& machine, Queue& queue,
                       std::function<void()> changed)
    : loop_(loop),
      config_(config),
      queue_(queue),
      changed_(std::move(changed)),
      machine_(machine),
      pool_(loop, config, machine, *this),
      page_check_(loop),
      room_check_(loop) {
  watch_pages();
}

void Dispatcher::start() {
  pool_.start();
}

void Dispatcher::stop() {
  stopping_ = true;
  pool_.stop();
}

void Dispatcher::stop_now() {
  stopping_ = true;
  pool_.stop_now();
}

bool Dispatcher::stopped() const {
  return pool_.stopped();
}

Now Dispatcher::now() const {
  return Now{loop_.now_ms(), unix_now_ms()};
}

// --- handing out

void Dispatcher::settle(Now at) {
  pool_.settle();
  hand_out(at);
}

void Dispatcher::pause(bool paused) {
  if (paused == paused_) return;
  log(LogLevel::kInfo, paused ? "no more work is handed out" : "work is handed out again");
  paused_ = paused;
  if (paused)
    paused_since_ms_ = loop_.now_ms();
  else
    queue_.postpone_deadlines(loop_.now_ms() - paused_since_ms_);
}

// The disk is full: what is handed out now would only fail again. No job's time runs meanwhile.
void Dispatcher::wait_for_room(const Error& error) {
  if (room_problem_.empty()) log(LogLevel::kError, "waiting for room: " + to_string(error));
  room_problem_ = error.message;
  if (std::exchange(waits_for_room_, true)) return;
  room_check_.once(kRoomRetryMs, [this] {
    waits_for_room_ = false;
    queue_.postpone_deadlines(kRoomRetryMs);
    changed_();
  });
}

void Dispatcher::found_room() {
  if (!room_problem_.empty()) log(LogLevel::kInfo, "there is room again");
  room_problem_.clear();
}

void Dispatcher::hand_out(Now at) {
  if (stopping_ || paused_ || waits_for_room_) return;
  std::vector<Lane> lanes;
  std::set<uint64_t> working = working_workers();
  for (const auto& pooled : pool_.all()) {
    uint64_t id = pooled->worker->id();
    lanes.push_back({id, working.count(id) > 0, assignments_.has_alone(id), assignments_.count(id),
                     config_.readers});
  }
  for (Placement& placement : schedule_.plan(queue_, std::move(lanes), at)) {
    Worker& worker = *pool_.find(placement.worker);
    assignments_.add(placement.worker, placement.task);
    send_task(worker, placement.task);
  }
}

std::set<uint64_t> Dispatcher::working_workers() const {
  return pool_.working([this](uint64_t id) { return assignments_.count(id) > 0; });
}

void Dispatcher::send_task(Worker& worker, const Task& task) {
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
  pool_.job_over(job);
  for (uint64_t id : assignments_.drop_job(job)) pool_.find(id)->send(proto::CancelJob{job});
}

bool Dispatcher::works_on(uint64_t job) const {
  return assignments_.has_job(job);
}

// --- answers

// Decodes an answer and finds its task. An answer to a task that is no more (its job was cancelled)
// is ignored.
template <class Answer, class Use>
Status Dispatcher::with_task(Worker& worker, const proto::Message& message, Use use) {
  Result<Answer> answer = proto::body_of<Answer>(message);
  if (!answer) return answer.error();
  Assigned* assigned = assignments_.find(answer->task);
  if (assigned == nullptr || assigned->worker != worker.id()) return Ok{};
  return use(*answer, *assigned);
}

Status Dispatcher::on_worker_message(Worker& worker, const proto::Message& message) {
  // The task ends with this answer; `use` is the queue's reaction.
  auto ends = [&](Assigned& assigned, auto use) -> Status {
    Assigned taken = std::move(assigned);
    assignments_.take(taken.task.id);
    Status result = use(taken);
    // Sense or nonsense, the task must not be lost with it.
    if (!result)
      queue_.lost(taken.task, taken.unfinished, {}, true, now());
    else
      pool_.worked(worker);
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
            trace(worker, assigned.task, answer);
            assignments_.page_done(answer.task, answer.page);
            pool_.page_done(worker, answer.job, answer.rss_bytes);
            pool_.worked(worker);
            found_room();
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
                                           pool_.job_done(worker);
                                           found_room();
                                           return ends(assigned, [&](Assigned& taken) {
                                             return queue_.assembled(taken.task, answer, now());
                                           });
                                         });
    case proto::kTaskFailed:
      return with_task<proto::TaskFailed>(
          worker, message, [&](const auto& answer, Assigned& assigned) {
            return ends(assigned, [&](Assigned& taken) -> Status {
              Error error{static_cast<ErrorCode>(answer.code), answer.message, answer.hint};
              if (error.code == ErrorCode::kNoSpace) wait_for_room(error);
              queue_.task_failed(taken.task, taken.unfinished, error, now());
              return Ok{};
            });
          });
    default:
      return Error{ErrorCode::kBadMessage,
                   "message " + std::to_string(message.type) + ", which no worker sends", ""};
  }
}

void Dispatcher::on_worker_ready(Worker& worker) {
  any_was_ready_ = true;
  pool_.ready(worker);
  changed_();
}

void Dispatcher::on_worker_pong(Worker& worker) {
  if (pool_.pong(worker)) changed_();
}

// --- deaths

bool Dispatcher::on_worker_gone(Worker& worker, const WorkerEnd& end) {
  uint64_t id = worker.id();
  Suspicion suspicion = std::exchange(culprits_[id], {});
  culprits_.erase(id);
  Assignments::Oldest oldest = assignments_.oldest_page(id);
  pool_.gone(worker, end, oldest.page != 0 ? oldest.job : assignments_.any_job(id), oldest.page,
             assignments_.count(id) > 0);
  suspicion.reports_begins = worker.reports_begins;
  bool blamed = false;
  for (Assigned& assigned : assignments_.take_worker(id)) {
    std::vector<uint32_t> suspected;
    if (!end.ours) suspected = suspects(assigned, suspicion);
    bool task_blamed = !end.ours && suspicion.culprit_page == 0;
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
      traces_.death(assigned.task.job, page, worker.last_exit());
    }
    queue_.lost(assigned.task, assigned.unfinished, suspected, task_blamed, now());
  }
  changed_();
  return blamed;
}

void Dispatcher::trace(const Worker& worker, const Task& task, const proto::PageDone& answer) {
  proto::Explanation trace;
  trace.job = task.job;
  trace.page = answer.page;
  trace.slot = worker.slot();
  trace.pid = worker.pid();
  trace.device = worker.shown_device();
  trace.wall_ms = answer.wall_ms;
  trace.finished_unix_ms = now().unix_ms;
  trace.status = answer.status;
  trace.effort = static_cast<uint8_t>(task.effort);
  trace.note = answer.note;
  trace.route = answer.route;
  traces_.done(std::move(trace));
}

// How often depends on the configuration, which can change.
void Dispatcher::watch_pages() {
  int64_t patience_ms = config_.limits.page_timeout_ms + config_.supervision.page_margin_ms;
  page_check_.once(std::clamp<int64_t>(patience_ms / 4, 20, 1000), [this] {
    check_pages();
    watch_pages();
  });
}

void Dispatcher::check_pages() {
  int64_t limit_ms = config_.limits.page_timeout_ms + config_.supervision.page_margin_ms;
  for (const auto& pooled : pool_.all()) {
    Worker& worker = *pooled->worker;
    Assignments::Oldest oldest = assignments_.oldest_page(worker.id());
    if (oldest.page != 0 && loop_.now_ms() - oldest.begun_ms > limit_ms) {
      culprits_[worker.id()] = {true, oldest.page, oldest.task};
      worker.misbehaved("page " + std::to_string(oldest.page) + " of job " +
                        std::to_string(oldest.job) + " takes longer than limits.page_timeout_s");
    } else if (worker.last_pong().oldest_page_ms > limit_ms) {
      // A page of a job that is over, or of a worker that does not say what it begins.
      worker.misbehaved("a page takes longer than limits.page_timeout_s");
    }
  }
}

void Dispatcher::look_for_exits() {
  for (const auto& pooled : pool_.all()) pooled->worker->look_for_exit();
}

// --- looking

proto::WorkerList Dispatcher::workers(int64_t now_ms) const {
  std::vector<const PoolWorker*> pooled;
  for (const auto& one : pool_.all()) pooled.push_back(one.get());
  std::stable_sort(pooled.begin(), pooled.end(), [](const PoolWorker* a, const PoolWorker* b) {
    return a->worker->slot() < b->worker->slot();
  });
  std::set<uint64_t> working = working_workers();
  proto::WorkerList list;
  for (const PoolWorker* one : pooled) {
    const Worker& worker = *one->worker;
    uint64_t id = worker.id();
    Assignments::Oldest oldest = assignments_.oldest_page(id);
    // What belongs to the slot is told with one of its workers, so that it can be added up.
    bool serves = one == pool_.serving(worker.slot());
    SlotFigures figures = serves ? pool_.figures(worker.slot()) : SlotFigures();
    proto::WorkerInfo info;
    info.slot = worker.slot();
    info.pid = worker.pid();
    info.state = worker.ready() && assignments_.count(id) > 0 ? "busy" : name(worker.state());
    info.device = worker.shown_device();
    info.device_name = worker.facts().device_name;
    info.pages_done = figures.pages_done;
    info.jobs_done = figures.jobs_done;
    bool leaves = worker.desired() == Desired::kDown;
    info.restarts = (serves ? one->restarts_before : 0) + (leaves ? 0 : worker.restarts());
    info.recycled = figures.recycled;
    info.rss_bytes = worker.last_pong().rss_bytes;
    info.vram_bytes = worker.last_pong().vram_bytes;
    info.vram_total_bytes = worker.last_pong().vram_total_bytes;
    info.vram_free_bytes = worker.last_pong().vram_free_bytes;
    info.batch_rung = worker.last_pong().batch_rung;
    info.readers_lost = worker.last_pong().readers_lost;
    info.job = oldest.page != 0 ? oldest.job : assignments_.any_job(id);
    info.page = oldest.page;
    info.page_ms = oldest.page != 0 ? static_cast<uint32_t>(now_ms - oldest.begun_ms) : 0;
    info.last_exit = worker.last_exit();
    if (worker.last_proof_ms() != 0)
      info.proof_age_ms = static_cast<uint32_t>(now_ms - worker.last_proof_ms());
    info.crash_looping = is_crash_looping(health_of(worker.slot(), now_ms));
    info.note = worker.trouble();
    if (info.note.empty()) info.note = pool_.role_of(*one);
    if (info.note.empty() && worker.ready() && working.count(id) == 0)
      info.note = "spare: takes over where one is gone";
    list.workers.push_back(std::move(info));
  }
  return list;
}

// A slot is as healthy as the worker that serves it; pages of those that leave it count as well.
WorkerHealth Dispatcher::health_of(uint32_t slot, int64_t now_ms) const {
  WorkerHealth health;
  health.slot = slot;
  health.gpu_expected = expects_gpu(config_, machine_);
  for (const auto& pooled : pool_.all()) {
    if (pooled->worker->slot() != slot) continue;
    const Worker& worker = *pooled->worker;
    Assignments::Oldest oldest = assignments_.oldest_page(worker.id());
    int64_t age_ms =
        oldest.page != 0 ? now_ms - oldest.begun_ms : worker.last_pong().oldest_page_ms;
    health.oldest_page_ms = std::max(health.oldest_page_ms, age_ms);
    health.busy = health.busy || assignments_.count(worker.id()) > 0;
  }
  const PoolWorker* serving = pool_.serving(slot);
  if (serving == nullptr) return health;
  const Worker& worker = *serving->worker;
  health.state = worker.state();
  health.last_proof_ms = worker.last_proof_ms();
  health.canary_ms = worker.last_pong().canary_ms;
  health.restarts = serving->restarts_before + worker.restarts();
  health.fruitless = worker.fruitless();
  health.device_note = worker.facts().note;
  health.device = worker.shown_device();
  health.last_exit = worker.broken() ? worker.trouble() : worker.last_exit();
  return health;
}

std::vector<WorkerHealth> Dispatcher::worker_health(int64_t now_ms) const {
  std::vector<WorkerHealth> slots;
  for (uint32_t slot = 0; slot < pool_.slots(); ++slot) slots.push_back(health_of(slot, now_ms));
  return slots;
}

proto::HealthReport Dispatcher::health(int64_t now_ms) const {
  proto::HealthReport report =
      judge_health(worker_health(now_ms), now_ms, config_.supervision, config_.spare_workers);
  for (const std::string& device : pool_.devices_out_of_service()) {
    if (report.status == "ok") report.status = "degraded";
    if (!report.detail.empty()) report.detail += "; ";
    report.detail += device + " is out of service: worker after worker died of it";
  }
  if (!room_problem_.empty()) {
    if (report.status == "ok") report.status = "degraded";
    if (!report.detail.empty()) report.detail += "; ";
    report.detail += "jobs wait for room: " + room_problem_;
  }
  report.paused = paused_;
  report.ready = report.ready && !paused_;
  return report;
}

proto::Pool Dispatcher::state_of_pool() const {
  proto::Pool state;
  state.workers = pool_.size();
  for (const auto& pooled : pool_.all()) {
    if (pooled->worker->ready()) ++state.ready;
    if (pooled->worker->desired() == Desired::kDown) ++state.leaving;
  }
  state.paused = paused_;
  state.tasks = static_cast<uint32_t>(assignments_.total());
  state.jobs = static_cast<uint32_t>(queue_.unfinished());
  return state;
}

}  // namespace pdf2md::supervisor
