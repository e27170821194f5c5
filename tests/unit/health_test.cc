#include "daemon/supervisor/health.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

WorkerHealth ready(int64_t proof_ms) {
  WorkerHealth worker;
  worker.state = WorkerState::kReady;
  worker.last_proof_ms = proof_ms;
  worker.device = "cuda:0";
  return worker;
}

TEST_CASE("health follows the proofs, whatever the state says") {
  SupervisionSettings settings;
  int64_t patience = settings.canary_interval_ms + settings.canary_timeout_ms;
  CHECK(judge_health({ready(1000)}, 1000 + patience, settings).status == "ok");
  proto::HealthReport late = judge_health({ready(1000)}, 1001 + patience, settings);
  CHECK(late.status == "failing");
  CHECK_FALSE(late.model_loaded);
  CHECK_FALSE(late.gpu_available);
  CHECK(late.workers_ready == 1);  // it says so; it does not prove it
  CHECK(judge_health({ready(1000), ready(1001)}, 1001 + patience, settings).status == "degraded");
}

TEST_CASE("health: starting only until the first death") {
  WorkerHealth loading;
  loading.state = WorkerState::kLoading;
  CHECK(judge_health({loading}, 10, {}).status == "starting");
  loading.restarts = 1;
  loading.last_exit = "exit 66 (bad model)";
  proto::HealthReport report = judge_health({loading}, 10, {});
  CHECK(report.status == "failing");
  CHECK(report.detail == "worker 0: loading (last: exit 66 (bad model))");
}

TEST_CASE("health: ready means that a device has answered, not that somebody says so") {
  SupervisionSettings settings;
  int64_t patience = settings.canary_interval_ms + settings.canary_timeout_ms;
  CHECK(judge_health({ready(1000)}, 1000, settings).ready);
  CHECK_FALSE(judge_health({ready(1000)}, 1001 + patience, settings).ready);
  CHECK_FALSE(judge_health({}, 0, settings).ready);
}

TEST_CASE("health: those that die again and again are named") {
  WorkerHealth looping;
  looping.slot = 1;
  looping.state = WorkerState::kSpawning;
  looping.restarts = looping.fruitless = 4;
  looping.last_exit = "signal 9 (Killed)";
  proto::HealthReport report = judge_health({ready(1000), looping}, 1000, {});
  CHECK(report.status == "degraded");
  CHECK(report.ready);
  CHECK(report.crash_looping == std::vector<uint32_t>{1});
  CHECK(report.detail ==
        "worker 1: spawning, 4 lives in a row ended without a page (last: signal 9 (Killed))");
}

TEST_CASE("health: as many as are spare may be missing, but none may die again and again") {
  WorkerHealth missing;
  missing.state = WorkerState::kLoading;
  missing.restarts = 1;
  CHECK(judge_health({ready(1000), missing}, 1000, {}).status == "degraded");
  CHECK(judge_health({ready(1000), missing}, 1000, {}, 1).status == "ok");
  CHECK(judge_health({missing, missing}, 1000, {}, 1).status == "failing");
  missing.state = WorkerState::kBroken;
  CHECK(judge_health({ready(1000), missing}, 1000, {}, 1).status == "degraded");
}

TEST_CASE("health: a GPU that is there and not used is said") {
  WorkerHealth worker = ready(1000);
  worker.gpu_expected = true;
  CHECK(judge_health({worker}, 1000, {}).status == "ok");
  worker.device = "cpu";
  worker.device_note = "no CUDA libraries";
  proto::HealthReport report = judge_health({worker}, 1000, {});
  CHECK(report.status == "degraded");
  CHECK(report.ready);
  CHECK(report.device_note == "worker 0 serves from the CPU: no CUDA libraries");
  CHECK(report.detail == report.device_note);
  worker.gpu_expected = false;
  CHECK(judge_health({worker}, 1000, {}).status == "ok");
}

TEST_CASE("health: workers that nobody wants do not count") {
  WorkerHealth gone;
  gone.wanted = false;
  CHECK(judge_health({ready(1000), gone}, 1000, {}).status == "ok");
  CHECK(judge_health({ready(1000), gone}, 1000, {}).pool_size == 1);
  CHECK(judge_health({gone}, 1000, {}).status == "drained");
}

TEST_CASE("the watchdog is fed unless workers claim to be ready and none proves it") {
  SupervisionSettings settings;
  int64_t late = 1001 + settings.canary_interval_ms + settings.canary_timeout_ms;
  WorkerHealth loading;
  loading.state = WorkerState::kLoading;
  WorkerHealth down;
  CHECK(deserves_watchdog({ready(1000)}, 1000, settings));
  CHECK(deserves_watchdog({}, late, settings));
  CHECK(deserves_watchdog({down}, late, settings));
  CHECK(deserves_watchdog({ready(1000), loading}, late, settings));
  CHECK_FALSE(deserves_watchdog({ready(1000)}, late, settings));
  CHECK_FALSE(deserves_watchdog({ready(1000), down}, late, settings));
}

}  // namespace
}  // namespace pdf2md::supervisor
