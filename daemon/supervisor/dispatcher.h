// Brings the queue and the workers together: hands out tasks, takes answers, decides who is to
// blame when a worker dies, and watches the page deadlines.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "daemon/supervisor/assignments.h"
#include "daemon/supervisor/health.h"
#include "daemon/supervisor/schedule.h"
#include "daemon/supervisor/worker_slot.h"

namespace pdf2md::supervisor {

class Dispatcher : public WorkerListener {
 public:
  // `changed` is called after whatever may concern others: the queue has events, a worker came or
  // went.
  Dispatcher(EventLoop& loop, const Config& config, const Machine& machine, Queue& queue,
             std::function<void()> changed);

  void start();
  void stop();           // in good order: workers finish what they have
  void stop_now();       // they are killed
  bool stopped() const;  // no process is left

  // Gives waiting tasks to free workers.
  void hand_out(Now now);
  // A job is over: whoever works on it is told.
  void job_over(uint64_t job);
  bool works_on(uint64_t job) const;

  bool all_broken() const;
  std::string why_broken() const;
  bool any_was_ready() const { return any_was_ready_; }
  size_t tasks_under_way() const { return assignments_.total(); }
  void look_for_exits();

  proto::WorkerList workers(int64_t now_ms) const;
  proto::HealthReport health(int64_t now_ms) const;
  std::vector<WorkerHealth> worker_health(int64_t now_ms) const;

 private:
  struct Figures {
    uint32_t pages_done = 0;
    uint32_t jobs_done = 0;
  };

  void on_worker_ready(WorkerSlot& worker) override;
  Status on_worker_message(WorkerSlot& worker, const proto::Message& message) override;
  bool on_worker_gone(WorkerSlot& worker, bool ours) override;
  void on_worker_state(WorkerSlot& worker) override { changed_(); }

  template <class Answer, class Use>
  Status with_task(WorkerSlot& worker, const proto::Message& message, Use use);
  void send_task(WorkerSlot& worker, const Task& task);
  void check_pages();
  Now now() const;

  EventLoop& loop_;
  const Config& config_;
  Queue& queue_;
  std::function<void()> changed_;
  std::vector<std::unique_ptr<WorkerSlot>> workers_;
  std::vector<Figures> figures_;
  std::vector<Suspicion> culprits_;  // by slot: the page for whose sake it is being killed
  Assignments assignments_;
  Schedule schedule_;
  Timer page_check_;
  bool stopping_ = false;
  bool any_was_ready_ = false;
  bool gpu_expected_ = false;  // by configuration, or because there is one
};

}  // namespace pdf2md::supervisor
