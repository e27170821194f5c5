#include "daemon/supervisor/lifecycle.h"

#include <catch2/catch.hpp>

#include "daemon/supervisor/exit_status.h"

namespace pdf2md::supervisor {
namespace {

// Drives the table with a clock of its own.
struct Life {
  SupervisionSettings settings;
  Lifecycle is;
  std::vector<LifeAction> did;
  int64_t now = 1000;

  Life& on(LifeEvent event, Ending ending = Ending::kDied, bool blamed = false) {
    LifeStep next = step(is, event, now, settings, ending, blamed);
    is = next.next;
    did = next.actions;
    return *this;
  }
  Life& deadline() {
    REQUIRE(is.deadline_ms != 0);
    now = is.deadline_ms;
    return on(LifeEvent::kDeadline);
  }
  Life& up() { return on(LifeEvent::kWant).on(LifeEvent::kHello).on(LifeEvent::kReady); }
  bool did_only(LifeAction action) const { return did == std::vector<LifeAction>{action}; }
};

TEST_CASE("lifecycle: from down to ready") {
  Life life;
  life.on(LifeEvent::kWant);
  CHECK(life.is.state == WorkerState::kSpawning);
  CHECK(life.did_only(LifeAction::kSpawn));
  life.on(LifeEvent::kHello);
  CHECK(life.is.state == WorkerState::kLoading);
  CHECK(life.did_only(LifeAction::kConfigure));
  life.on(LifeEvent::kReady);
  CHECK(life.is.state == WorkerState::kReady);
  CHECK(life.is.deadline_ms == 0);
}

TEST_CASE("lifecycle: the kill ladder has a next step at each deadline") {
  Life life;
  life.up().on(LifeEvent::kUnwant);
  CHECK(life.is.state == WorkerState::kDraining);
  CHECK(life.did_only(LifeAction::kDrain));
  life.deadline();
  CHECK(life.is.state == WorkerState::kTerminating);
  CHECK(life.did_only(LifeAction::kTerminate));
  life.deadline();
  CHECK(life.is.state == WorkerState::kKilling);
  CHECK(life.did_only(LifeAction::kKill));
  life.deadline();  // stuck in the kernel
  CHECK(life.did_only(LifeAction::kKill));
  life.on(LifeEvent::kExited);
  CHECK(life.is.state == WorkerState::kDown);
  CHECK(life.did.empty());
}

TEST_CASE("lifecycle: not ready in time is killed and counts as fruitless") {
  Life life;
  life.on(LifeEvent::kWant).on(LifeEvent::kHello).deadline();
  CHECK(life.did_only(LifeAction::kKill));
  life.on(LifeEvent::kExited);
  CHECK(life.is.state == WorkerState::kBackoff);
  CHECK(life.is.fruitless == 1);
}

TEST_CASE("lifecycle: backoff doubles up to its maximum, and work resets it") {
  Life life;
  life.settings.breaker_deaths = 100;
  life.settings.backoff_min_ms = 100;
  life.settings.backoff_max_ms = 500;
  life.on(LifeEvent::kWant);
  for (int64_t pause : {100, 200, 400, 500, 500}) {
    life.on(LifeEvent::kExited);
    CHECK(life.is.state == WorkerState::kBackoff);
    CHECK(life.is.deadline_ms - life.now == pause);
    life.deadline();
    CHECK(life.did_only(LifeAction::kSpawn));
  }
  life.on(LifeEvent::kHello).on(LifeEvent::kReady).on(LifeEvent::kWorked).on(LifeEvent::kExited);
  CHECK(life.is.state == WorkerState::kSpawning);  // at once
  CHECK(life.is.fruitless == 0);
}

TEST_CASE("lifecycle: the breaker opens within its window only, and closes after its pause") {
  Life life;
  life.settings.breaker_deaths = 3;
  life.settings.breaker_window_ms = 10'000;
  life.settings.backoff_max_ms = 200;
  life.on(LifeEvent::kWant);
  for (int i = 0; i < 10; ++i) {  // slowly: never
    life.on(LifeEvent::kExited);
    CHECK(life.is.state == WorkerState::kBackoff);
    life.now += 6'000;
    life.on(LifeEvent::kDeadline);
  }
  life.on(LifeEvent::kExited).deadline().on(LifeEvent::kExited);
  CHECK(life.is.state == WorkerState::kBroken);
  CHECK(life.is.deadline_ms == life.now + life.settings.breaker_pause_ms);
  life.deadline();
  CHECK(life.is.state == WorkerState::kSpawning);
}

TEST_CASE("lifecycle: a hopeless exit is broken for good, a missing device is waited for") {
  Life hopeless;
  hopeless.on(LifeEvent::kWant).on(LifeEvent::kExited, Ending::kHopeless);
  CHECK(hopeless.is.state == WorkerState::kBroken);
  CHECK(hopeless.is.deadline_ms == 0);
  Life waiting;
  waiting.settings.breaker_deaths = 2;
  waiting.on(LifeEvent::kWant);
  for (int i = 0; i < 10; ++i) {
    waiting.on(LifeEvent::kExited, Ending::kNoDevice);
    CHECK(waiting.is.state == WorkerState::kBackoff);
    waiting.deadline();
  }
}

TEST_CASE("lifecycle: a death that is put on a page does not count against the worker") {
  Life life;
  life.settings.breaker_deaths = 1;
  life.up().on(LifeEvent::kExited, Ending::kDied, true);
  CHECK(life.is.state == WorkerState::kSpawning);
  CHECK(life.is.fruitless == 0);
}

TEST_CASE("lifecycle: renewed, it comes back at once; unwanted meanwhile, it does not") {
  Life life;
  life.up().on(LifeEvent::kRenew);
  CHECK(life.is.state == WorkerState::kDraining);
  CHECK(life.is.desired == Desired::kUp);
  life.on(LifeEvent::kExited, Ending::kDrained);
  CHECK(life.is.state == WorkerState::kSpawning);
  life.on(LifeEvent::kHello).on(LifeEvent::kReady).on(LifeEvent::kRenew).on(LifeEvent::kUnwant);
  life.on(LifeEvent::kExited, Ending::kDrained);
  CHECK(life.is.state == WorkerState::kDown);
}

TEST_CASE("lifecycle: retired, it has its own time; asked to stop meanwhile, less") {
  Life life;
  life.up().on(LifeEvent::kRetire);
  CHECK(life.is.state == WorkerState::kDraining);
  CHECK(life.did_only(LifeAction::kDrain));
  CHECK(life.is.deadline_ms == life.now + life.settings.retire_ms);
  life.on(LifeEvent::kUnwant);
  CHECK(life.is.deadline_ms == life.now + life.settings.drain_ms);
  life.on(LifeEvent::kRetire);  // no more time for being asked again
  CHECK(life.is.deadline_ms == life.now + life.settings.drain_ms);
  life.on(LifeEvent::kExited, Ending::kDrained);
  CHECK(life.is.state == WorkerState::kDown);
}

TEST_CASE("lifecycle: on its last life it serves on, and no other life follows") {
  for (Ending ending : {Ending::kDied, Ending::kDrained, Ending::kHopeless, Ending::kNoDevice}) {
    Life life;
    life.up().on(LifeEvent::kLastLife);
    CHECK(life.is.state == WorkerState::kReady);
    CHECK(life.did.empty());
    life.on(LifeEvent::kExited, ending);
    CHECK(life.is.state == WorkerState::kDown);
    CHECK(life.did.empty());
  }
  Life life;
  life.up().on(LifeEvent::kLastLife).on(LifeEvent::kRetire);
  CHECK(life.is.desired == Desired::kDown);
  life.on(LifeEvent::kLastLife);  // not back
  CHECK(life.is.desired == Desired::kDown);
}

TEST_CASE("lifecycle: tried again on request, with a clean slate") {
  Life life;
  life.on(LifeEvent::kWant).on(LifeEvent::kExited, Ending::kHopeless);
  CHECK(life.is.state == WorkerState::kBroken);
  life.on(LifeEvent::kRetry);
  CHECK(life.is.state == WorkerState::kSpawning);
  CHECK(life.did_only(LifeAction::kSpawn));
  life.on(LifeEvent::kExited);
  CHECK(life.is.fruitless == 1);
  life.on(LifeEvent::kRetry);
  CHECK(life.is.fruitless == 0);
  life.on(LifeEvent::kHello).on(LifeEvent::kReady).on(LifeEvent::kRetry);
  CHECK(life.is.state == WorkerState::kReady);
  CHECK(life.did.empty());
}

TEST_CASE("lifecycle: every event in every state leaves a state from which there is a way on") {
  for (int state = 0; state <= static_cast<int>(WorkerState::kBroken); ++state) {
    for (int event = 0; event <= static_cast<int>(LifeEvent::kDeadline); ++event) {
      Life life;
      life.is.desired = Desired::kUp;
      life.is.state = static_cast<WorkerState>(state);
      life.is.deadline_ms = 500;
      life.on(static_cast<LifeEvent>(event));
      INFO("state " << name(static_cast<WorkerState>(state)) << ", event " << event << " → "
                    << name(life.is.state));
      bool waits_for_others =
          life.is.state == WorkerState::kDown || life.is.state == WorkerState::kReady;
      CHECK((waits_for_others || life.is.deadline_ms != 0));
      if (life.is.state == WorkerState::kDown)
        CHECK((state == 0 || life.is.desired != Desired::kUp));
    }
  }
}

TEST_CASE("exit status: signals before codes, and words for both") {
  CHECK(ExitStatus::from_wait(9).text() == "signal 9 (Killed)");
  CHECK(ExitStatus::from_wait(9).ending() == Ending::kDied);
  CHECK(ExitStatus::from_wait(66 << 8).text() == "exit 66 (bad model)");
  CHECK(ExitStatus::from_wait(66 << 8).ending() == Ending::kHopeless);
  CHECK(ExitStatus::from_wait(67 << 8).ending() == Ending::kNoDevice);
  CHECK(ExitStatus::from_wait(0).ending() == Ending::kDrained);
  CHECK(ExitStatus::from_wait(42 << 8).ending() == Ending::kDied);
}

}  // namespace
}  // namespace pdf2md::supervisor
