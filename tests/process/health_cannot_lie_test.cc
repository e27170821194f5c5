#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

const std::vector<std::string> kQuickCanary = {"--set", "supervision.canary_interval_s=0.05",
                                               "--set", "supervision.canary_timeout_s=0.2"};

TEST_CASE("health is starting, then ok after a real answer") {
  Daemon silent({.environment = {"FAKE_WORKER=silent"}});
  CHECK(Client(silent).health().status == "starting");
  Daemon daemon;
  Client client(daemon);
  CHECK(eventually([&] { return client.health().status == "ok"; }));
  proto::HealthReport health = client.health();
  CHECK(health.model_loaded);
  CHECK(health.workers_ready == 1);
  CHECK(health.device == "cpu");
  CHECK(health.supervisor_rss_bytes > 0);
}

TEST_CASE("a stopped only worker turns health red, and green again when it goes on") {
  Daemon daemon({.arguments = kQuickCanary});
  Client client(daemon);
  CHECK(eventually([&] { return client.health().status == "ok"; }));
  pid_t worker = daemon.workers().at(0);
  ::kill(worker, SIGSTOP);
  CHECK(eventually([&] { return client.health().status == "failing"; }));
  CHECK_FALSE(client.health().model_loaded);
  CHECK(client.health().detail.find("no answer from its device") != std::string::npos);
  ::kill(worker, SIGCONT);
  CHECK(eventually([&] { return client.health().status == "ok"; }));
}

TEST_CASE("one of two stopped workers: degraded") {
  std::vector<std::string> arguments = kQuickCanary;
  arguments.insert(arguments.end(), {"--workers", "2"});
  Daemon daemon({.arguments = arguments});
  Client client(daemon);
  CHECK(eventually([&] { return client.health().status == "ok"; }));
  pid_t worker = daemon.workers().at(0);
  ::kill(worker, SIGSTOP);
  CHECK(eventually([&] { return client.health().status == "degraded"; }));
  ::kill(worker, SIGCONT);
}

TEST_CASE("the proof of a worker that died is worth nothing") {
  Daemon daemon({.arguments = {"--set", "supervision.backoff_min_s=60", "--set",
                               "supervision.backoff_max_s=60"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().status == "ok"; }));
  ::kill(daemon.workers().at(0), SIGKILL);
  REQUIRE(eventually([&] { return client.workers()[0].state == "backoff"; }));
  CHECK(client.health().status == "failing");
  CHECK_FALSE(client.health().ready);
}

}  // namespace pdf2md::tests
