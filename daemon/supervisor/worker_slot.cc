#include "daemon/supervisor/worker_slot.h"

#include <signal.h>
#include <unistd.h>

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

WorkerSlot::WorkerSlot(EventLoop& loop, size_t index, WorkerSetup setup, WorkerListener& listener)
    : loop_(loop),
      index_(index),
      setup_(std::move(setup)),
      listener_(listener),
      deadline_(loop),
      canary_(loop),
      end_grace_(loop) {
  canary_.every(setup_.settings.canary_interval_ms, [this] { ping(); });
}

void WorkerSlot::apply(LifeEvent event, Ending ending, bool blamed) {
  WorkerState before = life_.state;
  LifeStep next = step(life_, event, loop_.now_ms(), setup_.settings, ending, blamed);
  life_ = std::move(next.next);
  if (life_.deadline_ms == 0)
    deadline_.stop();
  else
    deadline_.once(life_.deadline_ms - loop_.now_ms(), [this] { apply(LifeEvent::kDeadline); });
  for (LifeAction action : next.actions) carry_out(action);
  if (life_.state == before) return;
  log(LogLevel::kDebug, "worker state",
      {{"slot", text(index_)}, {"from", name(before)}, {"to", name(life_.state)}});
  if (life_.state == WorkerState::kBroken) {
    log(LogLevel::kError, "worker is broken",
        {{"slot", text(index_)},
         {"last_exit", last_exit_},
         {"next_try_ms",
          life_.deadline_ms == 0 ? "never" : text(life_.deadline_ms - loop_.now_ms())}});
  }
  listener_.on_worker_state(*this);
}

void WorkerSlot::carry_out(LifeAction action) {
  switch (action) {
    case LifeAction::kSpawn:
      return spawn();
    case LifeAction::kConfigure:
      return send(setup_.configure);
    case LifeAction::kDrain:
      return send(proto::Drain{});
    case LifeAction::kTerminate:
      return process_.signal(SIGTERM);
    case LifeAction::kKill:
      return process_.signal(SIGKILL);
  }
}

void WorkerSlot::spawn() {
  reports_begins = false;
  last_proof_ms_ = 0;
  ping_sent_ms_ = 0;
  last_pong_ = {};
  kill_reason_.clear();
  Result<std::pair<Fd, Fd>> ends = proto::socket_pair();
  Result<Process> process = Error{};
  if (ends) {
    process = Process::spawn(setup_.program, {"--parent", std::to_string(::getpid())},
                             ends->second.get());
  } else {
    process = ends.error();
  }
  if (!process) {
    last_exit_ = to_string(process.error());
    log(LogLevel::kError, "cannot start a worker: " + last_exit_, {{"slot", text(index_)}});
    // In a turn of its own: we are in the middle of a step.
    loop_.post([this] { apply(LifeEvent::kSpawnFailed); });
    return;
  }
  process_ = std::move(*process);
  // It is always read, however much it leaves unread: two that wait for each other would wait for
  // ever.
  connection_ = std::make_unique<Connection>(loop_, std::move(ends->first), SIZE_MAX, *this);
  log(LogLevel::kInfo, "worker started", {{"slot", text(index_)}, {"pid", text(process_.pid())}});
}

void WorkerSlot::misbehaved(const std::string& why) {
  if (!life_.has_process() || life_.state == WorkerState::kKilling) return;
  log(LogLevel::kWarning, "worker is killed: " + why,
      {{"slot", text(index_)}, {"pid", text(process_.pid())}});
  kill_reason_ = why;
  apply(LifeEvent::kMisbehaved);
}

void WorkerSlot::look_for_exit() {
  std::optional<ExitStatus> exit = process_.reap();
  if (!exit) return;
  if (connection_) connection_->read_rest();  // pages that it finished before it died
  std::unique_ptr<Connection> ended = std::move(connection_);
  ended->close();
  end_grace_.stop();
  last_exit_ = exit->text();
  if (!kill_reason_.empty()) last_exit_ += ", killed: " + kill_reason_;
  Ending ending = exit->ending();
  bool signalled_by_us =
      life_.state == WorkerState::kTerminating || life_.state == WorkerState::kKilling;
  bool ours = !life_.misbehaved && (signalled_by_us || ending == Ending::kDrained);
  log(ours ? LogLevel::kInfo : LogLevel::kWarning, "worker ended",
      {{"slot", text(index_)}, {"how", last_exit_}});
  last_proof_ms_ = 0;
  bool blamed = listener_.on_worker_gone(*this, ours);
  apply(LifeEvent::kExited, ending, blamed);
}

void WorkerSlot::on_message(const proto::Message& message) {
  Status handled = handle(message);
  if (!handled) misbehaved("sent " + to_string(handled.error()));
}

Status WorkerSlot::handle(const proto::Message& message) {
  if (message.type == proto::kWorkerHello) {
    Result<proto::WorkerHello> hello = proto::body_of<proto::WorkerHello>(message);
    if (!hello) return hello.error();
    if (life_.state != WorkerState::kSpawning)
      return Error{ErrorCode::kUnexpected, "HELLO twice", ""};
    if (hello->build_id != build_id()) {
      return Error{ErrorCode::kVersionMismatch,
                   "build id " + hello->build_id + " where " + build_id() + " is due",
                   "install pdf2mdd and pdf2md-worker of one build"};
    }
    apply(LifeEvent::kHello);
    return Ok{};
  }
  if (life_.state == WorkerState::kSpawning)
    return Error{ErrorCode::kUnexpected, "something before HELLO", ""};
  if (message.type == proto::kReady) {
    Result<proto::Ready> ready = proto::body_of<proto::Ready>(message);
    if (!ready) return ready.error();
    if (life_.state != WorkerState::kLoading) return Ok{};  // it was asked to leave meanwhile
    facts_ = *ready;
    last_proof_ms_ = loop_.now_ms();
    log(LogLevel::kInfo, "worker is ready",
        {{"slot", text(index_)},
         {"device", ready->device},
         {"device_name", ready->device_name},
         {"load_ms", text(ready->load_ms)},
         {"upload_ms", text(ready->upload_ms)},
         {"warm_up_ms", text(ready->warm_up_ms)}});
    if (!ready->note.empty()) log(LogLevel::kWarning, ready->note, {{"slot", text(index_)}});
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
    return Ok{};
  }
  return listener_.on_worker_message(*this, message);
}

void WorkerSlot::on_end(const Error& why) {
  if (why.code != ErrorCode::kDisconnected) return misbehaved("sent " + to_string(why));
  // Its exit follows in a moment, unless it closed the socket and stays.
  end_grace_.once(kEndGraceMs, [this] { misbehaved("closed its control socket"); });
}

void WorkerSlot::ping() {
  if (life_.state != WorkerState::kReady && life_.state != WorkerState::kDraining) return;
  if (ping_sent_ms_ == 0) {
    ping_sent_ms_ = loop_.now_ms();
    send(proto::Ping{++ping_sequence_});
    return;
  }
  int64_t silent_ms = loop_.now_ms() - ping_sent_ms_;
  if (silent_ms < setup_.settings.unresponsive_ms) return;
  misbehaved("no answer to its canary for " + text(silent_ms) + " ms (supervision.unresponsive_s)");
}

}  // namespace pdf2md::supervisor
