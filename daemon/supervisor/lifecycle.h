// The life of one worker as a pure table: step(state, event, now) → {state, actions}.
// worker.cc carries the actions out; tests drive the table alone.
//
//   down → spawning → loading → ready → draining → terminating → killing → (exited) → down
//                                                                    backoff, broken ↗
// What is wanted (`desired`) and what is (`state`) are apart: a worker that has to go and come back
// is kDraining with desired kUp; one that serves until its successor is ready is kReady with
// desired kLastLife. Who succeeds whom is decided in pool_plan.h.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {

enum class WorkerState : uint8_t {
  kDown,         // no process, none wanted
  kSpawning,     // process started, has not said HELLO
  kLoading,      // CONFIGURE sent, loads its models
  kReady,        // has run its models; takes tasks (shown as busy while it has some)
  kDraining,     // asked to finish what it has
  kTerminating,  // SIGTERM sent
  kKilling,      // SIGKILL sent
  kBackoff,      // died; a pause before the next
  kBroken,       // cannot work, or died too often; tried again after a long pause or never
};
const char* name(WorkerState state);

enum class Desired : uint8_t {
  kDown,
  kUp,
  kLastLife,  // up, but whatever ends this life: no other follows
};

// How a life ended, reduced to what decides about the next one (exit_status.h does the reducing).
enum class Ending : uint8_t {
  kDrained,   // exit 0
  kHopeless,  // bad usage, configuration, model, protocol: the next one would end the same way
  kNoDevice,  // not there (yet)
  kDied,      // a signal, a device fault, out of memory, a bug
};

enum class LifeEvent : uint8_t {
  kWant,       // desired: up
  kUnwant,     // desired: down, in good order
  kUnwantNow,  // desired: down, at once
  kRetire,     // desired: down, in its own time: the pool has no need of it any more
  kRenew,      // go in its own time, and come back
  kLastLife,   // desired: up, but not again
  kRetry,      // an end to backoff and broken: now
  kSpawnFailed,
  kHello,  // of the same build
  kReady,
  kWorked,      // a page or a task was finished
  kMisbehaved,  // spoke garbage, hangs, is of another build: has to be killed
  kExited,      // with `ending`
  kDeadline,    // `deadline_ms` has passed
};

enum class LifeAction : uint8_t { kSpawn, kConfigure, kDrain, kTerminate, kKill };

struct Lifecycle {
  Desired desired = Desired::kDown;
  WorkerState state = WorkerState::kDown;
  int64_t deadline_ms = 0;            // when kDeadline is due; 0: never
  uint32_t fruitless = 0;             // lives in a row that finished nothing
  std::vector<int64_t> fruitless_ms;  // when they ended, within the breaker's window
  bool worked = false;                // this life has finished something
  bool misbehaved = false;            // this life is being ended for a reason of its own
  uint32_t restarts = 0;

  bool has_process() const {
    return state >= WorkerState::kSpawning && state <= WorkerState::kKilling;
  }
  bool operator==(const Lifecycle&) const = default;
};

struct LifeStep {
  Lifecycle next;
  std::vector<LifeAction> actions;
};

// `blamed`: this death is put on a page that ran alone, not on the worker.
LifeStep step(const Lifecycle& now_is, LifeEvent event, int64_t now_ms,
              const SupervisionSettings& settings, Ending ending = Ending::kDied,
              bool blamed = false);

}  // namespace pdf2md::supervisor
