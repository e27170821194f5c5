#include "daemon/supervisor/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "daemon/supervisor/recovery.h"
#include "daemon/supervisor/wall_clock.h"
#include "proto/fields.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

constexpr int64_t kHousekeepingMs = 10'000;
constexpr int64_t kGoodbyeMs = 1'000;
constexpr int64_t kSameWishMs = 200;

QueueLimits queue_limits(const Config& config) {
  QueueLimits limits;
  limits.admission.max_jobs = config.queue.max_jobs;
  limits.admission.max_bytes = config.queue.max_bytes;
  limits.admission.max_jobs_per_owner = config.queue.max_jobs_per_owner;
  limits.pages_per_task = config.queue.pages_per_task;
  limits.max_attempts = config.supervision.max_attempts;
  limits.max_pages = config.limits.max_pages;
  limits.job_timeout_ms = config.job_timeout_ms;
  limits.retained_jobs = config.retention.max_jobs;
  limits.retained_ms = config.retention.max_age_ms;
  limits.retained_bytes = config.retention.max_bytes;
  return limits;
}

// Everything besides document and options that an output depends on; empty: nothing is remembered.
std::string cache_world(const Config& config, const Machine& machine) {
  if (!config.queue.cache) return "";
  Result<std::string> manifest = read_file(config.model_dir + "/manifest.toml", 1 << 20);
  if (!manifest) return "";
  return std::string(build_id()) + "\n" + *manifest + "\n" + proto::pack(config.limits) + "\n" +
         std::to_string(config.ocr_dpi) + "\n" + config.ocr_scripts + "\n" + config.device + "\n" +
         std::to_string(machine.gpus > 0);
}

// Whether its results may answer later jobs.
bool may_answer(const Job& job) {
  return job.state == proto::JobState::kDone && !job.attached && job.pages.failed().empty() &&
         job.pages.degraded().empty();
}

uint64_t resident_bytes() {
  Result<std::string> statm = read_file("/proc/self/statm", 4096);
  unsigned long long size = 0, resident = 0;
  if (!statm || std::sscanf(statm->c_str(), "%llu %llu", &size, &resident) != 2) return 0;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Supervisor::Supervisor(const Config& asked, const Machine& machine, Operations::LoadConfig load)
    : config_(resolve(asked, machine)),
      queue_(queue_limits(config_)),
      spool_(loop_),
      cache_(cache_world(config_, machine)),
      dispatcher_(loop_, config_, machine, queue_, [this] { changed(); }),
      operations_(
          asked, config_, machine, std::move(load), dispatcher_, [this] { changed(); },
          [this] { reconfigured(); }),
      metrics_(loop_.now_ms()),
      reporting_(loop_, config_,
                 {[this] { return service_state(); }, [this] { return metrics_text().text; }}),
      deadlines_(loop_),
      housekeeping_(loop_),
      idle_(loop_),
      graceful_(loop_),
      started_ms_(loop_.now_ms()) {}

Supervisor::~Supervisor() = default;

Now Supervisor::now() const {
  return Now{loop_.now_ms(), unix_now_ms()};
}

Status Supervisor::open() {
  if (!config_.socket.admin_group.empty()) {
    Result<gid_t> group = group_id(config_.socket.admin_group);
    if (!group) return group.error();
    admin_group_ = *group;
  }
  Status spool = spool_.open(config_.state_dir);
  if (!spool) return spool;
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(spool_.journal_path());
  if (!file) return file.error();
  Result<JournalContents> contents = (*file)->read();
  if (!contents) return contents.error();
  recover(std::move(*contents), spool_, queue_, now());
  for (const auto& [id, job] : queue_.jobs()) {
    // The earlier daemon may have come to its end before it could.
    if (job.over()) tidy_up(id, job.state);
    if (may_answer(job)) cache_.add(job.cache_key, id);
  }
  journal_ = std::make_unique<Journal>(loop_, std::move(*file));
  intake_ = std::make_unique<Intake>(Intake::Parts{
      loop_, queue_, spool_, *journal_, cache_, [this] { return now(); }, [this] { changed(); }});
  Result<std::unique_ptr<Listener>> listener = Listener::open(
      loop_, config_,
      [this](Fd socket, Peer peer) { on_client(std::move(socket), std::move(peer)); });
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  return Ok{};
}

bool Supervisor::run(int ready_fd) {
  ::signal(SIGPIPE, SIG_IGN);
  SignalWatch children(loop_, SIGCHLD, [this] { dispatcher_.look_for_exits(); });
  SignalWatch terminate(loop_, SIGTERM, [this] { on_stop_signal(); });
  SignalWatch interrupt(loop_, SIGINT, [this] { on_stop_signal(); });
  SignalWatch hang_up(loop_, SIGHUP, [this] {
    reporting_.reload_begins();
    operations_.reload();
    reporting_.reload_ends();
  });
  housekeeping_.every(kHousekeepingMs, [this] { changed(); });
  log(LogLevel::kInfo, "serving",
      {{"socket", config_.socket.path},
       {"state_dir", config_.state_dir},
       {"workers", std::to_string(config_.workers)},
       {"device", config_.device},
       {"threads", std::to_string(config_.threads)},
       {"readers", std::to_string(config_.readers)}});
  dispatcher_.start();
  reporting_.start();
  if (ready_fd >= 0) {
    Fd ready(ready_fd);
    Status told = write_all(ready.get(), "ready\n");
    if (!told) log(LogLevel::kWarning, "nobody listens on --ready-fd: " + told.error().message);
  }
  changed();
  loop_.run();
  clients_.clear();
  log(LogLevel::kInfo, "left", {{"in_good_order", stop_signals_ < 2 ? "yes" : "no"}});
  return stop_signals_ < 2;
}

// --- clients

void Supervisor::on_client(Fd socket, Peer peer) {
  bool admin = peer.uid == 0 || peer.uid == ::geteuid();
  if (admin_group_) {
    admin = admin ||
            std::find(peer.groups.begin(), peer.groups.end(), *admin_group_) != peer.groups.end();
  }
  uint64_t number = next_client_++;
  clients_[number] = std::make_unique<Client>(*this, number, std::move(socket), peer, admin);
  if (clients_.size() >= config_.socket.max_clients) listener_->pause(true);
  changed();
}

void Supervisor::drop(Client& client) {
  uint64_t number = client.number();
  loop_.post([this, number] {
    clients_.erase(number);
    if (listener_ && clients_.size() < config_.socket.max_clients) listener_->pause(false);
    changed();
  });
}

Status Supervisor::takes_jobs() const {
  if (stop_signals_ > 0)
    return Error{ErrorCode::kStopping, "the daemon is stopping", "try again when it is back"};
  if (dispatcher_.all_broken()) {
    return Error{ErrorCode::kNoWorkers, "no worker can work: " + dispatcher_.why_broken(),
                 "see the daemon's log and pdf2mdctl workers"};
  }
  return Ok{};
}

Status Supervisor::room_for(uint64_t bytes) const {
  Result<uint64_t> free = spool_.free_bytes();
  if (!free || *free >= bytes + config_.queue.min_free_bytes) return Ok{};
  return Error{ErrorCode::kNoSpace,
               "no room for another document: " + std::to_string(*free) + " bytes are free in " +
                   config_.state_dir,
               "make room there, or lower retention.max_mib or queue.min_free_mib"};
}

proto::SpoolReport Supervisor::spool_report() const {
  proto::SpoolReport report;
  report.state_dir = config_.state_dir;
  Result<uint64_t> free = spool_.free_bytes();
  if (free) report.free_bytes = *free;
  report.min_free_bytes = config_.queue.min_free_bytes;
  report.unfinished_jobs = queue_.unfinished() + queue_.reserved();
  report.unfinished_bytes = queue_.bytes();
  report.finished_jobs = queue_.jobs().size() - queue_.unfinished();
  report.finished_bytes = queue_.kept_bytes();
  report.max_finished_jobs = config_.retention.max_jobs;
  report.max_finished_bytes = config_.retention.max_bytes;
  report.max_age_ms = config_.retention.max_age_ms;
  if (!journal_->state()) report.journal_problem = to_string(journal_->state().error());
  return report;
}

proto::HealthReport Supervisor::health() const {
  proto::HealthReport report = dispatcher_.health(loop_.now_ms());
  report.queue_length = static_cast<uint32_t>(queue_.waiting().size());
  report.supervisor_rss_bytes = resident_bytes();
  report.uptime_ms = static_cast<uint64_t>(loop_.now_ms() - started_ms_);
  report.ready = report.ready && takes_jobs().ok();
  return report;
}

proto::MetricsText Supervisor::metrics_text() const {
  MetricsSnapshot snapshot;
  snapshot.health = health();
  snapshot.workers = workers();
  snapshot.deaths_by_exit = dispatcher_.pool().deaths().by_exit();
  snapshot.jobs_queued = queue_.waiting().size();
  snapshot.jobs_running = queue_.begun().size();
  snapshot.queue_bytes = queue_.bytes();
  for (const std::set<uint64_t>* jobs : {&queue_.begun(), &queue_.waiting()}) {
    if (jobs->empty()) continue;  // the lowest number is the oldest
    int64_t age_ms = unix_now_ms() - queue_.find(*jobs->begin())->submitted_unix_ms;
    snapshot.oldest_job_ms = std::max(snapshot.oldest_job_ms, age_ms);
  }
  snapshot.clients = clients_.size();
  return {metrics_.text(snapshot, loop_.now_ms())};
}

ServiceState Supervisor::service_state() const {
  std::vector<WorkerHealth> workers = dispatcher_.worker_health(loop_.now_ms());
  ServiceState state;
  state.was_ready = dispatcher_.any_was_ready();
  state.starting = is_any_starting(workers);
  state.stopping = stop_signals_ > 0;
  state.stop_within_ms = config_.supervision.graceful_ms + config_.supervision.term_ms + kGoodbyeMs;
  state.healthy = state.stopping || deserves_watchdog(workers, loop_.now_ms(), config_.supervision);
  state.status = state.stopping ? "Stopping: finishing the pages under way"
                                : status_line(health(), metrics_.pages_per_second(loop_.now_ms()));
  return state;
}

// --- after every change

// Changes come in bunches, and in the middle of others' work: they are dealt with once, in a turn
// of their own.
void Supervisor::changed() {
  if (settling_) return;
  settling_ = true;
  loop_.post([this] {
    settling_ = false;
    settle();
  });
}

void Supervisor::settle() {
  reporting_.tell();
  bool broken = dispatcher_.all_broken();
  // The journalled ones wait for better times.
  if (broken && queue_.unfinished() > 0) queue_.fail_attached(takes_jobs().error(), now());
  fail_overdue();
  tell_events();
  for (uint64_t id : queue_.expire(loop_.now_ms())) {
    cache_.forget(id);
    dispatcher_.traces().forget(id);
    once_written_.push_back([this, id] { spool_.remove(id); });
  }
  dispatcher_.settle(now());
  tell_events();  // queued → running
  write_journal();
  leave_if_idle();
  leave_if_stopped();
}

void Supervisor::tell_events() {
  for (const proto::Event& event : queue_.take_events()) {
    const Job* job = queue_.find(event.job);
    metrics_.on_event(event, loop_.now_ms());
    bool over = event.kind == proto::EventKind::kState && event.state >= proto::JobState::kDone;
    if (over && job != nullptr) on_job_over(*job);
    // An end that was told stays one, whatever happens next; a journal that cannot be written is
    // not waited for.
    auto tell = [this, event, over] {
      if (over) queue_.end_told(event.job);
      for (auto& [number, client] : clients_) client->tell(event);
    };
    if (over && job != nullptr && !job->attached)
      once_tried_.push_back(tell);
    else
      tell();
  }
}

void Supervisor::once_journalled(std::function<void()> call) {
  once_tried_.push_back(std::move(call));
  changed();
}

void Supervisor::on_job_over(const Job& job) {
  log(job.state == proto::JobState::kFailed ? LogLevel::kWarning : LogLevel::kInfo, "job is over",
      {{"job", std::to_string(job.id)},
       {"state", proto::name(job.state)},
       {"pages", std::to_string(job.pages.done())},
       {"failed", std::to_string(job.pages.failed().size())},
       {"degraded", std::to_string(job.pages.degraded().size())},
       {"retries", std::to_string(job.pages.retries())},
       {"error", job.error.message}});
  metrics_.on_job_over(job.state, job.finished_unix_ms - job.submitted_unix_ms);
  dispatcher_.job_over(job.id);
  if (may_answer(job)) cache_.add(job.cache_key, job.id);
  if (job.attached) return tidy_up(job.id, job.state);
  // Only when the journal knows: an earlier death would leave a job that has nothing to go on from.
  once_written_.push_back([this, id = job.id, state = job.state] { tidy_up(id, state); });
}

void Supervisor::write_journal() {
  std::vector<std::function<void()>> written = std::exchange(once_written_, {});
  std::vector<std::function<void()>> tried = std::exchange(once_tried_, {});
  JournalBatch changes = queue_.take_changes();
  if (changes.empty() && written.empty() && tried.empty()) return;
  journal_->record(
      std::move(changes),
      [this, calls = std::move(written)] {
        for (const std::function<void()>& call : calls) call();
        if (stop_signals_ > 0) changed();  // which may have waited for this
      },
      [calls = std::move(tried)] {
        for (const std::function<void()>& call : calls) call();
      });
}

// What of a job's folder is not needed any more goes.
void Supervisor::tidy_up(uint64_t id, proto::JobState state) {
  const Job* job = queue_.find(id);
  bool attached = job == nullptr || job->attached;
  if (state == proto::JobState::kDone)
    spool_.keep_outputs_only(id);
  else if (state == proto::JobState::kFailed && !attached)
    spool_.forget_passwords(id);
  else
    spool_.remove(id);
  measure(id);
}

void Supervisor::measure(uint64_t id) {
  auto bytes = std::make_shared<uint64_t>(0);
  loop_.in_background([bytes, folder = spool_.folder(id)] { *bytes = Spool::tree_bytes(folder); },
                      [this, id, bytes] { queue_.set_kept_bytes(id, *bytes); });
}

void Supervisor::fail_overdue() {
  if (dispatcher_.paused()) return deadlines_.stop();
  for (uint64_t id : queue_.overdue(loop_.now_ms())) {
    queue_.fail(id,
                Error{ErrorCode::kJobTimedOut, "the document took longer than it may",
                      "raise limits.job_timeout_s, or the timeout that was asked for"},
                now());
  }
  int64_t next = queue_.next_deadline_ms();
  if (next == 0)
    deadlines_.stop();
  else
    deadlines_.once(next - loop_.now_ms(), [this] { changed(); });
}

void Supervisor::reconfigured() {
  queue_.set_limits(queue_limits(config_));
  log_set_level(log_level(config_.log.level));
  reporting_.reconfigured();
}

// --- leaving

void Supervisor::leave_if_idle() {
  bool idle = clients_.empty() && queue_.unfinished() == 0 && stop_signals_ == 0;
  if (!idle || config_.idle_exit_ms == 0) {
    idle_.stop();
    idle_armed_ = false;
  } else if (!idle_armed_) {
    idle_armed_ = true;
    idle_.once(config_.idle_exit_ms, [this] {
      log(LogLevel::kInfo, "nothing to do for idle_exit_s: leaving");
      stop();
    });
  }
}

void Supervisor::on_stop_signal() {
  if (stop_signals_ == 0) return stop();
  // timeout(1) and terminals signal a process and its group in one go: that is one wish, not two.
  if (loop_.now_ms() - stopping_since_ms_ < kSameWishMs) return;
  ++stop_signals_;
  log(LogLevel::kWarning, "asked to stop again: leaving at once");
  dispatcher_.stop_now();
  changed();
}

void Supervisor::stop() {
  stop_signals_ = std::max(stop_signals_, 1);
  stopping_since_ms_ = loop_.now_ms();
  reporting_.tell();
  log(LogLevel::kInfo, "stopping",
      {{"tasks_under_way", std::to_string(dispatcher_.tasks_under_way())}});
  listener_.reset();
  dispatcher_.stop();
  graceful_.once(config_.supervision.graceful_ms, [this] {
    log(LogLevel::kWarning, "workers did not finish within supervision.graceful_s: killing them");
    dispatcher_.stop_now();
  });
  changed();
}

void Supervisor::leave_if_stopped() {
  if (stop_signals_ == 0) return;
  Error stopping{ErrorCode::kStopping, "the daemon stopped before the document was done",
                 "submit it again"};
  std::vector<uint64_t> idle_jobs;
  for (const auto& [id, job] : queue_.jobs()) {
    if (!job.over() && job.attached && !dispatcher_.works_on(id)) idle_jobs.push_back(id);
  }
  for (uint64_t id : idle_jobs) queue_.fail(id, stopping, now());
  if (!idle_jobs.empty()) return changed();
  if (!dispatcher_.stopped()) return;
  write_journal();
  // A journal that cannot be written is not waited for: what it lacks is done again.
  if (!journal_->idle() && journal_->state()) return;
  if (!leaving_) {
    leaving_ = true;
    for (auto& [number, client] : clients_) client->close_soon(kGoodbyeMs);
  }
  if (clients_.empty()) loop_.stop();
}

}  // namespace pdf2md::supervisor
