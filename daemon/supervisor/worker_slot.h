// One worker: its process, its control socket, its life (lifecycle.h carried out), its canary.
#pragma once

#include <memory>
#include <string>

#include "daemon/supervisor/connection.h"
#include "daemon/supervisor/lifecycle.h"
#include "daemon/supervisor/process.h"
#include "proto/worker_messages.h"

namespace pdf2md::supervisor {

class WorkerSlot;

class WorkerListener {
 public:
  virtual ~WorkerListener() = default;
  virtual void on_worker_ready(WorkerSlot& worker) = 0;
  // Anything but HELLO, READY and PONG. An error: the worker is killed for it.
  virtual Status on_worker_message(WorkerSlot& worker, const proto::Message& message) = 0;
  // The process is gone; what it said before was delivered. `ours`: we ended it for reasons of
  // ours, nobody is to blame. Returns whether the death is put on a page that ran alone.
  virtual bool on_worker_gone(WorkerSlot& worker, bool ours) = 0;
  // Its state changed; called last.
  virtual void on_worker_state(WorkerSlot& worker) = 0;
};

struct WorkerSetup {
  std::string program;
  proto::Configure configure;
  SupervisionSettings settings;
};

class WorkerSlot : public ConnectionHandler {
 public:
  WorkerSlot(EventLoop& loop, size_t index, WorkerSetup setup, WorkerListener& listener);

  size_t index() const { return index_; }
  void want() { apply(LifeEvent::kWant); }
  void unwant() { apply(LifeEvent::kUnwant); }
  void unwant_now() { apply(LifeEvent::kUnwantNow); }
  // It hangs or speaks nonsense: killed, and its pages are looked at.
  void misbehaved(const std::string& why);
  // It finished a page or a task.
  void worked() { apply(LifeEvent::kWorked); }
  // SIGCHLD came: maybe for this one.
  void look_for_exit();

  template <class Body>
  void send(const Body& body) {
    if (connection_) connection_->send(body);
  }

  WorkerState state() const { return life_.state; }
  bool ready() const { return life_.state == WorkerState::kReady; }
  bool broken() const { return life_.state == WorkerState::kBroken; }
  bool has_process() const { return life_.has_process(); }
  uint32_t restarts() const { return life_.restarts; }
  uint32_t fruitless() const { return life_.fruitless; }
  bool wanted() const { return life_.desired != Desired::kDown; }
  pid_t pid() const { return process_.pid(); }
  const proto::Ready& facts() const { return facts_; }  // of the last READY
  const proto::Pong& last_pong() const { return last_pong_; }
  int64_t last_proof_ms() const { return last_proof_ms_; }  // READY or PONG of this life; 0: none
  const std::string& last_exit() const { return last_exit_; }
  bool reports_begins = false;  // this life has sent PAGE_STARTED

 private:
  void on_message(const proto::Message& message) override;
  void on_end(const Error& why) override;
  Status handle(const proto::Message& message);
  void apply(LifeEvent event, Ending ending = Ending::kDied, bool blamed = false);
  void carry_out(LifeAction action);
  void spawn();
  void ping();

  EventLoop& loop_;
  size_t index_;
  WorkerSetup setup_;
  WorkerListener& listener_;
  Lifecycle life_;
  Process process_;
  std::unique_ptr<Connection> connection_;
  Timer deadline_;
  Timer canary_;
  Timer end_grace_;
  proto::Ready facts_;
  proto::Pong last_pong_;
  int64_t last_proof_ms_ = 0;
  int64_t ping_sent_ms_ = 0;  // 0: none unanswered
  uint64_t ping_sequence_ = 0;
  std::string last_exit_;
  std::string kill_reason_;
};

}  // namespace pdf2md::supervisor
