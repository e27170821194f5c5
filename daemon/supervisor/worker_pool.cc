#include "daemon/supervisor/worker_pool.h"

#include <algorithm>
#include <tuple>

#include "daemon/supervisor/wall_clock.h"
#include "proto/exit_code.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

DevicePool make_devices(const Config& config, const Machine& machine) {
  return DevicePool(devices_of(config, machine), config.supervision.device_faults,
                    config.supervision.breaker_pause_ms);
}

bool is_device_fault(const ExitStatus& exit) {
  auto is = [&](WorkerExit code) {
    return !exit.signalled && exit.number == static_cast<int>(code);
  };
  return is(WorkerExit::kDeviceFault) || is(WorkerExit::kNoDevice);
}

}  // namespace

WorkerPool::WorkerPool(EventLoop& loop, const Config& config, const Machine& machine,
                       WorkerListener& listener)
    : loop_(loop),
      config_(config),
      machine_(machine),
      listener_(listener),
      devices_(make_devices(config, machine)),
      size_(config.workers) {
  slots_.resize(slots());
}

// --- the plan

void WorkerPool::start() {
  settle();
}

void WorkerPool::stop() {
  stopping_ = true;
  for (auto& pooled : workers_) pooled->worker->unwant();
}

void WorkerPool::stop_now() {
  stopping_ = true;
  for (auto& pooled : workers_) pooled->worker->unwant_now();
}

bool WorkerPool::stopped() const {
  return std::none_of(workers_.begin(), workers_.end(),
                      [](const auto& pooled) { return pooled->worker->has_process(); });
}

void WorkerPool::resize(uint32_t size) {
  log(LogLevel::kInfo, "workers wanted",
      {{"before", std::to_string(size_)}, {"now", std::to_string(size)}});
  size_ = size;
  slots_.resize(std::max<size_t>(slots_.size(), slots()));
}

std::set<uint64_t> WorkerPool::working(const std::function<bool(uint64_t id)>& is_busy) const {
  // Busy ones, then by slot: a spare that took over stays, and the next one to be ready is spare.
  std::vector<std::tuple<bool, uint32_t, uint64_t>> ready;
  for (const auto& pooled : workers_) {
    const Worker& worker = *pooled->worker;
    if (worker.ready()) ready.emplace_back(!is_busy(worker.id()), worker.slot(), worker.id());
  }
  std::sort(ready.begin(), ready.end());
  if (ready.size() > size_) ready.resize(size_);
  std::set<uint64_t> ids;
  for (const auto& [idle, slot, id] : ready) ids.insert(id);
  return ids;
}

std::string WorkerPool::why_due(const PoolWorker& pooled) const {
  if (!pooled.worker->ready()) return "";
  if (!pooled.asked.empty()) return pooled.asked;
  if (pooled.configuration != configuration_) return "its configuration has changed";
  return why_recycle(pooled.tally, config_.recycle, loop_.now_ms());
}

void WorkerPool::settle() {
  if (stopping_) return;
  std::vector<PoolMember> members;
  for (const auto& pooled : workers_) {
    const Worker& worker = *pooled->worker;
    members.push_back(
        {worker.id(), worker.slot(), worker.state(), worker.desired(), !why_due(*pooled).empty()});
  }
  for (const PoolAction& action : plan_pool(members, slots(), config_.recycle.warm))
    carry_out(action);
}

void WorkerPool::carry_out(const PoolAction& action) {
  PoolWorker* pooled = this->pooled(action.id);
  switch (action.verb) {
    case PoolVerb::kStart:
      return add(action.slot);
    case PoolVerb::kLastLife:
    case PoolVerb::kRenew:
      log(LogLevel::kInfo, "worker is due for replacement",
          {{"slot", std::to_string(action.slot)},
           {"pid", std::to_string(pooled->worker->pid())},
           {"why", why_due(*pooled)}});
      ++slots_[action.slot].recycled;
      return action.verb == PoolVerb::kRenew ? pooled->worker->renew()
                                             : pooled->worker->last_life();
    case PoolVerb::kRetire:
      log(LogLevel::kInfo, "worker finishes and leaves",
          {{"slot", std::to_string(action.slot)}, {"pid", std::to_string(pooled->worker->pid())}});
      return pooled->worker->retire();
    case PoolVerb::kForget:
      std::erase_if(workers_, [&](const auto& one) { return one.get() == pooled; });
      return;
  }
}

void WorkerPool::add(uint32_t slot) {
  auto pooled = std::make_unique<PoolWorker>();
  for (const auto& one : workers_) {
    bool replaces = one->worker->slot() == slot && one->worker->desired() == Desired::kLastLife;
    if (!replaces) continue;
    pooled->successor_of = one->worker->id();
    pooled->restarts_before = one->restarts_before + one->worker->restarts();
  }
  PoolWorker* raw = pooled.get();
  pooled->worker = std::make_unique<Worker>(
      loop_, next_id_++, slot, config_.supervision, [this, raw] { return launch(*raw); },
      listener_);
  workers_.push_back(std::move(pooled));
  raw->worker->want();
}

WorkerLaunch WorkerPool::launch(PoolWorker& pooled) {
  uint32_t slot = pooled.worker->slot();
  pooled.tally = {};
  pooled.tally.slot = slot;
  pooled.tally.life = ++slots_[slot].lives;
  pooled.jobs.clear();
  pooled.asked.clear();
  pooled.configuration = configuration_;

  WorkerLaunch launch;
  launch.program = config_.worker_program;
  launch.device = devices_.device_for(slot, loop_.now_ms());
  launch.configure.slot = slot;
  launch.configure.device = launch.device;
  launch.configure.threads = config_.threads;
  launch.configure.readers = config_.readers;
  launch.configure.reader_program = config_.reader_program;
  launch.configure.model_dir = config_.model_dir;
  launch.configure.log_format = config_.log.format;
  launch.configure.log_level = config_.log.level;
  launch.configure.ocr_dpi = config_.ocr_dpi;
  launch.configure.script_reader_program = config_.script_reader_program;
  launch.configure.ocr_scripts = config_.ocr_scripts;
  launch.configure.limits = config_.limits;
  // A worker that is to use a GPU by its UUID sees no other one, so that it is number 0 there.
  std::string uuid = launch.device.starts_with("cuda:") ? launch.device.substr(5) : "";
  if (uuid.starts_with("GPU-") || uuid.starts_with("MIG-")) {
    launch.environment.push_back("CUDA_VISIBLE_DEVICES=" + uuid);
    launch.configure.device = "cuda:0";
  }
  if (config_.debug_launch_blocking == slot) launch.environment.push_back("CUDA_LAUNCH_BLOCKING=1");
  return launch;
}

bool WorkerPool::restart(std::optional<uint32_t> slot, const std::string& why) {
  if (slot && *slot >= slots()) return false;
  for (auto& pooled : workers_) {
    if (slot && pooled->worker->slot() != *slot) continue;
    if (pooled->worker->ready()) pooled->asked = why;
    pooled->worker->retry();
  }
  return true;
}

void WorkerPool::reconfigured(bool workers_too) {
  slots_.resize(std::max<size_t>(slots_.size(), slots()));
  if (!workers_too) return;
  ++configuration_;
  devices_ = make_devices(config_, machine_);
  // What could not work may do so now.
  for (auto& pooled : workers_) pooled->worker->retry();
}

// --- what the workers did

void WorkerPool::ready(Worker& worker) {
  pooled(worker.id())->tally.ready_ms = worker.ready_ms();
}

void WorkerPool::page_done(Worker& worker, uint64_t job, uint64_t rss_bytes) {
  PoolWorker& one = *pooled(worker.id());
  ++slots_[worker.slot()].pages_done;
  ++one.tally.pages;
  if (one.jobs.insert(job).second) ++one.tally.jobs;
  if (rss_bytes != 0) one.tally.rss_bytes = rss_bytes;
  if (one.tally.pages >= kSettledPages && one.tally.settled_rss_bytes == 0)
    one.tally.settled_rss_bytes = one.tally.rss_bytes;
}

void WorkerPool::job_over(uint64_t job) {
  for (auto& pooled : workers_) pooled->jobs.erase(job);
}

void WorkerPool::worked(Worker& worker) {
  devices_.worked(worker.device());
  worker.worked();
}

bool WorkerPool::pong(Worker& worker) {
  PoolWorker& one = *pooled(worker.id());
  one.tally.rss_bytes = worker.last_pong().rss_bytes;
  one.tally.vram_bytes = worker.last_pong().vram_bytes;
  return !why_due(one).empty();
}

void WorkerPool::gone(Worker& worker, const WorkerEnd& end, uint64_t job, uint32_t page,
                      bool busy) {
  bool asked_to = end.ours && job == 0;
  if (!asked_to) {
    proto::Death death;
    death.unix_ms = unix_now_ms();
    death.slot = worker.slot();
    death.pid = end.pid;
    death.device = worker.shown_device();
    death.stage = busy && end.stage == WorkerState::kReady ? "busy" : name(end.stage);
    death.exit_text = end.exit.text();
    death.signal = end.exit.signalled ? static_cast<uint32_t>(end.exit.number) : 0;
    death.exit_code = end.exit.signalled ? 0 : end.exit.number;
    death.job = job;
    death.page = page;
    death.reason = end.reason;
    deaths_.add(std::move(death));
  }
  if (!is_device_fault(end.exit) || end.worked) return;
  if (devices_.failed(worker.device(), loop_.now_ms())) device_lost(worker.device());
}

void WorkerPool::device_lost(const std::string& device) {
  log(LogLevel::kError, "a GPU is out of service: worker after worker dies of it",
      {{"device", device}, {"for_s", std::to_string(config_.supervision.breaker_pause_ms / 1000)}});
  // Those that wait to be tried on it again get another one now. In a turn of its own: one of them
  // is in the middle of its end.
  loop_.post([this, device] {
    if (stopping_) return;
    for (auto& pooled : workers_) {
      if (pooled->worker->device() == device) pooled->worker->retry();
    }
  });
}

// --- looking

PoolWorker* WorkerPool::pooled(uint64_t id) {
  auto at = std::find_if(workers_.begin(), workers_.end(),
                         [id](const auto& one) { return one->worker->id() == id; });
  return at == workers_.end() ? nullptr : at->get();
}

Worker* WorkerPool::find(uint64_t id) {
  PoolWorker* one = pooled(id);
  return one == nullptr ? nullptr : one->worker.get();
}

const PoolWorker* WorkerPool::serving(uint32_t slot) const {
  const PoolWorker* best = nullptr;
  for (const auto& pooled : workers_) {
    if (pooled->worker->slot() != slot || pooled->worker->desired() == Desired::kDown) continue;
    if (best == nullptr || pooled->worker->ready()) best = pooled.get();
  }
  return best;
}

std::string WorkerPool::role_of(const PoolWorker& one) const {
  if (one.worker->desired() == Desired::kLastLife)
    return "serves until its successor is ready: " + why_due(one);
  if (one.worker->desired() == Desired::kDown) return "leaves when it has finished what it has";
  for (const auto& other : workers_) {
    if (other->worker->id() == one.successor_of)
      return "replaces process " + std::to_string(other->worker->pid());
  }
  return "";
}

bool WorkerPool::all_broken() const {
  return !workers_.empty() && std::all_of(workers_.begin(), workers_.end(), [](const auto& pooled) {
    return pooled->worker->broken();
  });
}

std::string WorkerPool::why_broken() const {
  for (const auto& pooled : workers_) {
    if (pooled->worker->broken()) return pooled->worker->last_exit();
  }
  return "";
}

std::vector<std::string> WorkerPool::devices_out_of_service() const {
  return devices_.out_of_service(loop_.now_ms());
}

}  // namespace pdf2md::supervisor
