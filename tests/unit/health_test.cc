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

}  // namespace
}  // namespace pdf2md::supervisor
