// Brings the queue and the workers together: hands out tasks, takes answers, decides who is to
// blame when a worker dies, and watches the page deadlines.
#pragma once

#include <functional>
#include <map>

#include "daemon/supervisor/assignments.h"
#include "daemon/supervisor/health.h"
#include "daemon/supervisor/page_traces.h"
#include "daemon/supervisor/schedule.h"
#include "daemon/supervisor/worker_pool.h"
#include "proto/service_messages.h"

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

  // Starts and replaces workers as they should be, and gives waiting tasks to free ones.
  void settle(Now now);
  // Nothing is handed out while paused, and no job's time runs.
  void pause(bool paused);
  bool paused() const { return paused_; }
  // A job is over: whoever works on it is told.
  void job_over(uint64_t job);
  bool works_on(uint64_t job) const;

  PageTraces& traces() { return traces_; }
  WorkerPool& pool() { return pool_; }
  const WorkerPool& pool() const { return pool_; }
  bool all_broken() const { return pool_.all_broken(); }
  std::string why_broken() const { return pool_.why_broken(); }
  bool any_was_ready() const { return any_was_ready_; }
  size_t tasks_under_way() const { return assignments_.total(); }
  void look_for_exits();

  proto::WorkerList workers(int64_t now_ms) const;
  proto::HealthReport health(int64_t now_ms) const;
  // By slot.
  std::vector<WorkerHealth> worker_health(int64_t now_ms) const;
  proto::Pool state_of_pool() const;

 private:
  void on_worker_ready(Worker& worker) override;
  Status on_worker_message(Worker& worker, const proto::Message& message) override;
  void on_worker_pong(Worker& worker) override;
  bool on_worker_gone(Worker& worker, const WorkerEnd& end) override;
  void on_worker_state(Worker& worker) override { changed_(); }

  template <class Answer, class Use>
  Status with_task(Worker& worker, const proto::Message& message, Use use);
  void send_task(Worker& worker, const Task& task);
  void trace(const Worker& worker, const Task& task, const proto::PageDone& answer);
  std::set<uint64_t> working_workers() const;  // without the spare ones
  void hand_out(Now now);
  void wait_for_room(const Error& error);
  void found_room();
  void check_pages();
  void watch_pages();
  WorkerHealth health_of(uint32_t slot, int64_t now_ms) const;
  Now now() const;

  EventLoop& loop_;
  const Config& config_;
  Queue& queue_;
  std::function<void()> changed_;
  const Machine machine_;
  WorkerPool pool_;
  std::map<uint64_t, Suspicion> culprits_;  // by worker: the page for whose sake it is being killed
  Assignments assignments_;
  PageTraces traces_;
  Schedule schedule_;
  Timer page_check_;
  Timer room_check_;
  bool waits_for_room_ = false;  // nothing is handed out until the next try
  std::string room_problem_;     // why work failed for want of disk space, until some succeeds
  bool stopping_ = false;
  bool paused_ = false;
  int64_t paused_since_ms_ = 0;
  bool any_was_ready_ = false;
};

}  // namespace pdf2md::supervisor
