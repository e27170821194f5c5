#include "daemon/supervisor/lifecycle.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

LifeStep go(Lifecycle next, WorkerState state, int64_t deadline_ms,
            std::vector<LifeAction> actions = {}) {
  next.state = state;
  next.deadline_ms = deadline_ms;
  return {std::move(next), std::move(actions)};
}

LifeStep spawn(Lifecycle next, int64_t now_ms, const SupervisionSettings& settings) {
  next.worked = false;
  next.misbehaved = false;
  return go(std::move(next), WorkerState::kSpawning, now_ms + settings.ready_timeout_ms,
            {LifeAction::kSpawn});
}

LifeStep kill(Lifecycle next, int64_t now_ms, const SupervisionSettings& settings) {
  return go(std::move(next), WorkerState::kKilling, now_ms + settings.term_ms, {LifeAction::kKill});
}

// Asks nicely: a worker that has tasks finishes them, one that still loads has nothing to finish.
LifeStep leave(Lifecycle next, int64_t now_ms, int64_t drain_ms,
               const SupervisionSettings& settings) {
  if (next.state == WorkerState::kReady) {
    return go(std::move(next), WorkerState::kDraining, now_ms + drain_ms, {LifeAction::kDrain});
  }
  if (next.state == WorkerState::kSpawning || next.state == WorkerState::kLoading) {
    return go(std::move(next), WorkerState::kTerminating, now_ms + settings.term_ms,
              {LifeAction::kTerminate});
  }
  // Is leaving already; whoever asks last may have less patience.
  if (next.state == WorkerState::kDraining)
    next.deadline_ms = std::min(next.deadline_ms, now_ms + drain_ms);
  return {std::move(next), {}};
}

int64_t backoff_ms(uint32_t fruitless, const SupervisionSettings& settings) {
  int64_t pause = settings.backoff_min_ms;
  for (uint32_t i = 1; i < fruitless && pause < settings.backoff_max_ms; ++i) pause *= 2;
  return std::min(pause, settings.backoff_max_ms);
}

LifeStep after_death(Lifecycle next, int64_t now_ms, const SupervisionSettings& settings,
                     Ending ending, bool blamed) {
  bool asked_to_leave = next.state >= WorkerState::kDraining && !next.misbehaved;
  bool worked = next.worked;
  if (next.desired != Desired::kUp) return go(std::move(next), WorkerState::kDown, 0);
  ++next.restarts;
  if (ending == Ending::kHopeless && !asked_to_leave)
    return go(std::move(next), WorkerState::kBroken, 0);
  if (asked_to_leave || worked || blamed) {
    next.fruitless = 0;
    return spawn(std::move(next), now_ms, settings);
  }
  ++next.fruitless;
  int64_t pause = backoff_ms(next.fruitless, settings);
  // A GPU that comes late at boot is waited for, however long that takes.
  if (ending == Ending::kNoDevice)
    return go(std::move(next), WorkerState::kBackoff, now_ms + pause);
  std::erase_if(next.fruitless_ms,
                [&](int64_t at) { return at + settings.breaker_window_ms < now_ms; });
  next.fruitless_ms.push_back(now_ms);
  if (next.fruitless_ms.size() < settings.breaker_deaths) {
    return go(std::move(next), WorkerState::kBackoff, now_ms + pause);
  }
  next.fruitless_ms.clear();
  return go(std::move(next), WorkerState::kBroken, now_ms + settings.breaker_pause_ms);
}

LifeStep after_deadline(Lifecycle next, int64_t now_ms, const SupervisionSettings& settings) {
  switch (next.state) {
    case WorkerState::kSpawning:
    case WorkerState::kLoading:
      next.misbehaved = true;
      return kill(std::move(next), now_ms, settings);
    case WorkerState::kDraining:
      return go(std::move(next), WorkerState::kTerminating, now_ms + settings.term_ms,
                {LifeAction::kTerminate});
    case WorkerState::kTerminating:
    case WorkerState::kKilling:  // stuck in the kernel: again, until it is gone
      return kill(std::move(next), now_ms, settings);
    case WorkerState::kBackoff:
    case WorkerState::kBroken:
      return spawn(std::move(next), now_ms, settings);
    case WorkerState::kDown:
    case WorkerState::kReady:
      break;
  }
  next.deadline_ms = 0;
  return {std::move(next), {}};
}

}  // namespace

const char* name(WorkerState state) {
  switch (state) {
    case WorkerState::kDown:
      return "down";
    case WorkerState::kSpawning:
      return "spawning";
    case WorkerState::kLoading:
      return "loading";
    case WorkerState::kReady:
      return "ready";
    case WorkerState::kDraining:
      return "draining";
    case WorkerState::kTerminating:
      return "terminating";
    case WorkerState::kKilling:
      return "killing";
    case WorkerState::kBackoff:
      return "backoff";
    case WorkerState::kBroken:
      return "broken";
  }
  return "unknown";
}

LifeStep step(const Lifecycle& now_is, LifeEvent event, int64_t now_ms,
              const SupervisionSettings& settings, Ending ending, bool blamed) {
  Lifecycle next = now_is;
  bool running = next.has_process();
  switch (event) {
    case LifeEvent::kWant:
      next.desired = Desired::kUp;
      if (next.state == WorkerState::kDown) return spawn(std::move(next), now_ms, settings);
      break;
    case LifeEvent::kUnwant:
      next.desired = Desired::kDown;
      if (running) return leave(std::move(next), now_ms, settings.drain_ms, settings);
      return go(std::move(next), WorkerState::kDown, 0);
    case LifeEvent::kRetire:
      next.desired = Desired::kDown;
      if (running) return leave(std::move(next), now_ms, settings.retire_ms, settings);
      return go(std::move(next), WorkerState::kDown, 0);
    case LifeEvent::kUnwantNow:
      next.desired = Desired::kDown;
      if (running) return kill(std::move(next), now_ms, settings);
      return go(std::move(next), WorkerState::kDown, 0);
    case LifeEvent::kRenew:
      if (running) return leave(std::move(next), now_ms, settings.retire_ms, settings);
      break;
    case LifeEvent::kLastLife:
      if (next.desired != Desired::kUp) break;
      next.desired = Desired::kLastLife;
      if (!running) return go(std::move(next), WorkerState::kDown, 0);
      break;
    case LifeEvent::kRetry:
      if (next.state != WorkerState::kBackoff && next.state != WorkerState::kBroken) break;
      next.fruitless = 0;
      next.fruitless_ms.clear();
      return spawn(std::move(next), now_ms, settings);
    case LifeEvent::kSpawnFailed:
      if (running) return after_death(std::move(next), now_ms, settings, ending, false);
      break;
    case LifeEvent::kHello:
      if (next.state != WorkerState::kSpawning) break;
      return go(std::move(next), WorkerState::kLoading, now_is.deadline_ms,
                {LifeAction::kConfigure});
    case LifeEvent::kReady:
      if (next.state == WorkerState::kLoading) return go(std::move(next), WorkerState::kReady, 0);
      break;
    case LifeEvent::kWorked:
      next.worked = true;
      next.fruitless = 0;
      next.fruitless_ms.clear();
      break;
    case LifeEvent::kMisbehaved:
      if (!running || next.state == WorkerState::kKilling) break;
      next.misbehaved = true;
      return kill(std::move(next), now_ms, settings);
    case LifeEvent::kExited:
      if (running) return after_death(std::move(next), now_ms, settings, ending, blamed);
      break;
    case LifeEvent::kDeadline:
      return after_deadline(std::move(next), now_ms, settings);
  }
  return {std::move(next), {}};
}

}  // namespace pdf2md::supervisor
