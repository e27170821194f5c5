#include "daemon/supervisor/worker.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "proto/channel.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

// Between the end of the control socket and the end of the process.
constexpr int64_t kEndGraceMs = 2000;

std::string text(int64_t number) {
  return std::to_string(number);
}

}  // namespace

Worker::Worker(EventLoop& loop, uint64_t id, uint32_t slot, const SupervisionSettings& settings,
               std::function<WorkerLaunch()> launch, WorkerListener& listener)
    : loop_(loop),
      id_(id),
      slot_(slot),
      settings_(settings),
      launch_(std::move(launch)),
      listener_(listener),
      deadline_(loop),
      canary_(loop),
      end_grace_(loop) {}

void Worker::apply(LifeEvent event, Ending ending, bool blamed) {
  WorkerState before = life_.state;
  LifeStep next = step(life_, event, loop_.now_ms(), settings_, ending, blamed);
  life_ = std::move(next.next);
  if (life_.deadline_ms == 0)
    deadline_.stop();
  else
    deadline_.once(life_.deadline_ms - loop_.now_ms(), [this] { on_deadline(); });
  if (life_.state <= WorkerState::kDraining) stage_ = life_.state;
  for (LifeAction action : next.actions) carry_out(action);
  if (life_.state == before) return;
  log(LogLevel::kDebug, "worker state",
      {{"slot", text(slot_)}, {"from", name(before)}, {"to", name(life_.state)}});
  if (life_.state == WorkerState::kBroken) {
    log(LogLevel::kError, "worker is broken",
        {{"slot", text(slot_)},
         {"last_exit", last_exit_},
         {"next_try_ms",
          life_.deadline_ms == 0 ? "never" : text(life_.deadline_ms - loop_.now_ms())}});
  }
  listener_.on_worker_state(*this);
}

void Worker::on_deadline() {
  if (life_.state == WorkerState::kSpawning || life_.state == WorkerState::kLoading)
    kill_reason_ = "was not ready in time (supervision.ready_timeout_s)";
  if (life_.state == WorkerState::kDraining) kill_reason_ = "did not finish what it had in time";
  apply(LifeEvent::kDeadline);
}

void Worker::carry_out(LifeAction action) {
  switch (action) {
    case LifeAction::kSpawn:
      return spawn();
    case LifeAction::kConfigure:
      return send(launched_.configure);
    case LifeAction::kDrain:
      return send(proto::Drain{});
    case LifeAction::kTerminate:
      return process_.signal(SIGTERM);
    case LifeAction::kKill:
      return process_.signal(SIGKILL);
  }
}

void Worker::spawn() {
  reports_begins = false;
  greeted_ = false;
  launched_ = launch_();
  facts_ = {};
  ready_ms_ = 0;
  last_proof_ms_ = 0;
  ping_sent_ms_ = 0;
  last_pong_ = {};
  kill_reason_.clear();
  Result<std::pair<Fd, Fd>> ends = proto::socket_pair();
  Result<Process> process = Error{};
  if (ends) {
    process = Process::spawn(launched_.program, {"--parent", std::to_string(::getpid())},
                             launched_.environment, ends->second.get());
  } else {
    process = ends.error();
  }
  if (!process) {
    last_exit_ = to_string(process.error());
    log(LogLevel::kError, "cannot start a worker: " + last_exit_, {{"slot", text(slot_)}});
    // In a turn of its own: we are in the middle of a step.
    loop_.post([this] { apply(LifeEvent::kSpawnFailed); });
    return;
  }
  process_ = std::move(*process);
  // It is always read, however much it leaves unread: two that wait for each other would wait for
  // ever.
  connection_ = std::make_unique<Connection>(loop_, std::move(ends->first), SIZE_MAX, *this);
  canary_.every(settings_.canary_interval_ms, [this] { ping(); });
  log(LogLevel::kInfo, "worker started",
      {{"slot", text(slot_)}, {"pid", text(process_.pid())}, {"device", launched_.device}});
}

void Worker::misbehaved(const std::string& why) {
  if (!life_.has_process() || life_.state == WorkerState::kKilling) return;
  log(LogLevel::kWarning, "worker is killed: " + why,
      {{"slot", text(slot_)}, {"pid", text(process_.pid())}});
  kill_reason_ = why;
  apply(LifeEvent::kMisbehaved);
}

void Worker::look_for_exit() {
  pid_t pid = process_.pid();
  std::optional<ExitStatus> exit = process_.reap();
  if (!exit) return;
  if (connection_) connection_->read_rest();  // pages that it finished before it died
  std::unique_ptr<Connection> ended = std::move(connection_);
  ended->close();
  end_grace_.stop();
  canary_.stop();
  WorkerEnd end;
  end.exit = *exit;
  end.text = exit->text();
  end.reason = kill_reason_;
  if (!end.reason.empty()) end.text += ", killed: " + end.reason;
  end.stage = stage_;
  end.pid = pid;
  end.worked = life_.worked;
  Ending ending = exit->ending();
  bool signalled_by_us =
      life_.state == WorkerState::kTerminating || life_.state == WorkerState::kKilling;
  end.ours = !life_.misbehaved && (signalled_by_us || ending == Ending::kDrained);
  last_exit_ = end.text;
  log(end.ours ? LogLevel::kInfo : LogLevel::kWarning, "worker ended",
      {{"slot", text(slot_)}, {"pid", text(pid)}, {"how", last_exit_}});
  last_proof_ms_ = 0;
  bool blamed = listener_.on_worker_gone(*this, end);
  apply(LifeEvent::kExited, ending, blamed);
}

std::string Worker::shown_device() const {
  bool by_uuid = launched_.configure.device != launched_.device;
  return facts_.device.empty() || !by_uuid ? facts_.device : launched_.device;
}

std::string Worker::trouble() const {
  if (!broken()) return "";
  if (life_.deadline_ms == 0) return "cannot work: " + last_exit_;
  return "crash loop: " + text(settings_.breaker_deaths) + " deaths without any work, the last " +
         last_exit_ + "; tried again in " + text((life_.deadline_ms - loop_.now_ms()) / 1000) +
         " s";
}

void Worker::on_message(const proto::Message& message) {
  Status handled = handle(message);
  if (!handled) misbehaved("sent " + to_string(handled.error()));
}

Status Worker::handle(const proto::Message& message) {
  if (message.type == proto::kWorkerHello) {
    Result<proto::WorkerHello> hello = proto::body_of<proto::WorkerHello>(message);
    if (!hello) return hello.error();
    // Not told by the state: it may have been asked to leave before it said anything.
    if (greeted_) return Error{ErrorCode::kUnexpected, "HELLO twice", ""};
    greeted_ = true;
    if (hello->build_id != build_id()) {
      return Error{ErrorCode::kVersionMismatch,
                   "build id " + hello->build_id + " where " + build_id() + " is due",
                   "install pdf2mdd and pdf2md-worker of one build"};
    }
    apply(LifeEvent::kHello);
    return Ok{};
  }
  if (!greeted_) return Error{ErrorCode::kUnexpected, "something before HELLO", ""};
  if (message.type == proto::kReady) {
    Result<proto::Ready> ready = proto::body_of<proto::Ready>(message);
    if (!ready) return ready.error();
    if (life_.state != WorkerState::kLoading) return Ok{};  // it was asked to leave meanwhile
    facts_ = *ready;
    ready_ms_ = last_proof_ms_ = loop_.now_ms();
    log(LogLevel::kInfo, "worker is ready",
        {{"slot", text(slot_)},
         {"device", ready->device},
         {"device_name", ready->device_name},
         {"load_ms", text(ready->load_ms)},
         {"upload_ms", text(ready->upload_ms)},
         {"warm_up_ms", text(ready->warm_up_ms)}});
    if (ready->vram_total_bytes != 0) log_vram();
    if (!ready->note.empty()) log(LogLevel::kWarning, ready->note, {{"slot", text(slot_)}});
    apply(LifeEvent::kReady);
    listener_.on_worker_ready(*this);
    return Ok{};
  }
  if (message.type == proto::kPong) {
    Result<proto::Pong> pong = proto::body_of<proto::Pong>(message);
    if (!pong) return pong.error();
    if (pong->sequence != ping_sequence_)
      return Error{ErrorCode::kUnexpected, "PONG to another PING", ""};
    last_pong_ = *pong;
    last_proof_ms_ = loop_.now_ms();
    ping_sent_ms_ = 0;
    listener_.on_worker_pong(*this);
    return Ok{};
  }
  return listener_.on_worker_message(*this, message);
}

void Worker::log_vram() const {
  auto mebibytes = [](uint64_t bytes) { return std::to_string(bytes >> 20); };
  uint64_t others =
      facts_.vram_total_bytes - std::min(facts_.vram_free_bytes, facts_.vram_total_bytes);
  log(LogLevel::kInfo, "memory of its device before it took any",
      {{"slot", text(slot_)},
       {"device", launched_.device},
       {"device_name", facts_.device_name},
       {"total_mib", mebibytes(facts_.vram_total_bytes)},
       {"free_mib", mebibytes(facts_.vram_free_bytes)},
       {"held_by_others_mib", mebibytes(others)}});
}

void Worker::on_end(const Error& why) {
  if (why.code != ErrorCode::kDisconnected) return misbehaved("sent " + to_string(why));
  // Its exit follows in a moment, unless it closed the socket and stays.
  end_grace_.once(kEndGraceMs, [this] { misbehaved("closed its control socket"); });
}

void Worker::ping() {
  if (life_.state != WorkerState::kReady && life_.state != WorkerState::kDraining) return;
  if (ping_sent_ms_ == 0) {
    ping_sent_ms_ = loop_.now_ms();
    send(proto::Ping{++ping_sequence_});
    return;
  }
  int64_t silent_ms = loop_.now_ms() - ping_sent_ms_;
  if (silent_ms < settings_.unresponsive_ms) return;
  misbehaved("no answer to its canary for " + text(silent_ms) + " ms (supervision.unresponsive_s)");
}

}  // namespace pdf2md::supervisor
