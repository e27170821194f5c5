// The workers: one serving in each slot, its successor beside it while it is being replaced, and
// those that still finish what they have. Carries out pool_plan.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/supervisor/config.h"
#include "daemon/supervisor/deaths.h"
#include "daemon/supervisor/device_pool.h"
#include "daemon/supervisor/pool_plan.h"
#include "daemon/supervisor/recycle.h"
#include "daemon/supervisor/worker.h"

namespace pdf2md::supervisor {

// Since the daemon's start; a slot outlives its workers.
struct SlotFigures {
  uint32_t pages_done = 0;
  uint32_t jobs_done = 0;
  uint32_t lives = 0;     // processes started
  uint32_t recycled = 0;  // replaced in good order
};

// One worker and what is kept beside it.
struct PoolWorker {
  std::unique_ptr<Worker> worker;
  LifeTally tally;               // of the present process
  std::set<uint64_t> jobs;       // unfinished ones that are counted in it
  uint32_t configuration = 0;    // that the present process was started with
  std::string asked;             // why it was asked to be replaced; empty: it was not
  uint64_t successor_of = 0;     // the worker that it replaces; 0: none
  uint32_t restarts_before = 0;  // of the slot, before this worker
};

class WorkerPool {
 public:
  // `config` is resolved, and may change (reconfigured()). `listener` hears of all workers.
  WorkerPool(EventLoop& loop, const Config& config, const Machine& machine,
             WorkerListener& listener);

  void start();
  void stop();      // in good order: workers finish what they have
  void stop_now();  // they are killed
  bool stopped() const;

  // Brings workers and plan together. To be called after every change, from a turn of its own.
  void settle();

  // Workers that work at a time.
  uint32_t size() const { return size_; }
  // Places for workers: the spare ones (spare_workers) have some of their own. Which of the workers
  // is a spare changes: whoever has work keeps it.
  uint32_t slots() const { return size_ + config_.spare_workers; }
  // Those that are to be given work: ready ones, as many as size() says, the busy ones first.
  std::set<uint64_t> working(const std::function<bool(uint64_t id)>& is_busy) const;
  void resize(uint32_t size);
  // Replaces the worker of a slot, or all. False: there is no such slot.
  bool restart(std::optional<uint32_t> slot, const std::string& why);
  // `config` has changed; `workers_too`: in what they are told at their start.
  void reconfigured(bool workers_too);

  const std::vector<std::unique_ptr<PoolWorker>>& all() const { return workers_; }
  Worker* find(uint64_t id);
  // Who serves a slot, or is to: its serving worker, else the one that comes. Null: no such slot.
  const PoolWorker* serving(uint32_t slot) const;
  // What there is to say about a worker that is being replaced, or replaces another.
  std::string role_of(const PoolWorker& pooled) const;
  const SlotFigures& figures(uint32_t slot) const { return slots_[slot]; }

  // What the workers did.
  void ready(Worker& worker);
  void page_done(Worker& worker, uint64_t job, uint64_t rss_bytes);
  void job_done(const Worker& worker) { ++slots_[worker.slot()].jobs_done; }
  void job_over(uint64_t job);
  void worked(Worker& worker);
  // Returns whether it is due for replacement now.
  bool pong(Worker& worker);
  // `job` and `page`: the oldest under way.
  void gone(Worker& worker, const WorkerEnd& end, uint64_t job, uint32_t page, bool busy);

  bool all_broken() const;
  std::string why_broken() const;
  const Deaths& deaths() const { return deaths_; }
  std::vector<std::string> devices_out_of_service() const;

 private:
  WorkerLaunch launch(PoolWorker& pooled);
  void add(uint32_t slot);
  std::string why_due(const PoolWorker& pooled) const;
  void carry_out(const PoolAction& action);
  void device_lost(const std::string& device);
  PoolWorker* pooled(uint64_t id);

  EventLoop& loop_;
  const Config& config_;
  const Machine machine_;
  WorkerListener& listener_;
  std::vector<std::unique_ptr<PoolWorker>> workers_;  // by id
  std::vector<SlotFigures> slots_;
  DevicePool devices_;
  Deaths deaths_;
  uint32_t size_;
  uint32_t configuration_ = 1;
  uint64_t next_id_ = 1;
  bool stopping_ = false;
};

}  // namespace pdf2md::supervisor
