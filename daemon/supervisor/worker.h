// One worker: its process, its control socket, its life (lifecycle.h carried out), its canary.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/supervisor/connection.h"
#include "daemon/supervisor/lifecycle.h"
#include "daemon/supervisor/process.h"
#include "proto/worker_messages.h"

namespace pdf2md::supervisor {

class Worker;

// How a process of it ended.
struct WorkerEnd {
  ExitStatus exit;
  std::string text;                        // the exit in words, and why we killed it
  std::string reason;                      // why we killed it; empty: we did not
  WorkerState stage = WorkerState::kDown;  // what it was doing, before any signal of ours
  pid_t pid = 0;
  bool worked = false;  // it had finished something
  bool ours = false;    // ended for reasons of ours, nobody is to blame
};

class WorkerListener {
 public:
  virtual ~WorkerListener() = default;
  virtual void on_worker_ready(Worker& worker) = 0;
  // Anything but HELLO, READY and PONG. An error: the worker is killed for it.
  virtual Status on_worker_message(Worker& worker, const proto::Message& message) = 0;
  virtual void on_worker_pong(Worker& worker) = 0;
  // The process is gone; what it said before was delivered. Returns whether the death is put on a
  // page that ran alone.
  virtual bool on_worker_gone(Worker& worker, const WorkerEnd& end) = 0;
  // Its state changed; called last.
  virtual void on_worker_state(Worker& worker) = 0;
};

// What a process is started with, asked for anew for each.
struct WorkerLaunch {
  std::string program;
  std::vector<std::string> environment;  // "NAME=value", over our own
  proto::Configure configure;
  std::string device;  // as devices_of() names it
};

class Worker : public ConnectionHandler {
 public:
  // `settings` may change while it lives. `id` is never used again; `slot` is the place it serves.
  Worker(EventLoop& loop, uint64_t id, uint32_t slot, const SupervisionSettings& settings,
         std::function<WorkerLaunch()> launch, WorkerListener& listener);

  uint64_t id() const { return id_; }
  uint32_t slot() const { return slot_; }
  void want() { apply(LifeEvent::kWant); }
  void unwant() { apply(LifeEvent::kUnwant); }
  void retire() { apply(LifeEvent::kRetire); }
  void renew() { apply(LifeEvent::kRenew); }
  void last_life() { apply(LifeEvent::kLastLife); }
  void retry() { apply(LifeEvent::kRetry); }
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
  Desired desired() const { return life_.desired; }
  bool ready() const { return life_.state == WorkerState::kReady; }
  bool broken() const { return life_.state == WorkerState::kBroken; }
  bool has_process() const { return life_.has_process(); }
  uint32_t restarts() const { return life_.restarts; }
  uint32_t fruitless() const { return life_.fruitless; }  // lives in a row without any work
  pid_t pid() const { return process_.pid(); }
  const std::string& device() const { return launched_.device; }  // that it was started for
  std::string shown_device() const;                               // "" before READY
  const proto::Ready& facts() const { return facts_; }            // of the last READY
  int64_t ready_ms() const { return ready_ms_; }                  // when that came; 0: not yet
  const proto::Pong& last_pong() const { return last_pong_; }
  int64_t last_proof_ms() const { return last_proof_ms_; }  // READY or PONG of this life; 0: none
  const std::string& last_exit() const { return last_exit_; }
  // Why it is broken, and when it is tried again; "" if it is not.
  std::string trouble() const;
  bool reports_begins = false;  // this life has sent PAGE_STARTED

 private:
  void on_message(const proto::Message& message) override;
  void on_end(const Error& why) override;
  Status handle(const proto::Message& message);
  void apply(LifeEvent event, Ending ending = Ending::kDied, bool blamed = false);
  void carry_out(LifeAction action);
  void spawn();
  void ping();
  void on_deadline();
  void log_vram() const;

  EventLoop& loop_;
  uint64_t id_;
  uint32_t slot_;
  const SupervisionSettings& settings_;
  std::function<WorkerLaunch()> launch_;
  WorkerListener& listener_;
  WorkerLaunch launched_;
  Lifecycle life_;
  Process process_;
  std::unique_ptr<Connection> connection_;
  Timer deadline_;
  Timer canary_;
  Timer end_grace_;
  proto::Ready facts_;
  proto::Pong last_pong_;
  WorkerState stage_ = WorkerState::kDown;  // the last one before any signal of ours
  bool greeted_ = false;                    // this process has said HELLO
  int64_t ready_ms_ = 0;
  int64_t last_proof_ms_ = 0;
  int64_t ping_sent_ms_ = 0;  // 0: none unanswered
  uint64_t ping_sequence_ = 0;
  std::string last_exit_;
  std::string kill_reason_;
};

}  // namespace pdf2md::supervisor
