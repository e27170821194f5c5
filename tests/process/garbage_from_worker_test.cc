#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("garbage on the control socket costs that worker only") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("garbage-on-page=2", 4);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(4));
  CHECK(client.workers()[0].last_exit.find("frame") != std::string::npos);
}

TEST_CASE("workers that speak garbage from the start end as broken, and the clients are told") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=3"},
                 .environment = {"FAKE_WORKER=garbage"}});
  Client client(daemon);
  CHECK(eventually([&] { return client.workers()[0].state == "broken"; }));
  client.start_submit({}, "pages=1", false);
  client.expect_error(ErrorCode::kNoWorkers);
  CHECK(client.health().status == "failing");
}

TEST_CASE("a worker that answers what it was not asked is killed") {
  Daemon daemon({.arguments = {"--set", "supervision.canary_interval_s=0.05"},
                 .environment = {"FAKE_WORKER=wrong-pong"}});
  Client client(daemon);
  CHECK(eventually([&] {
    return client.workers()[0].last_exit.find("PONG to another PING") != std::string::npos;
  }));
}

TEST_CASE("a worker of another build is refused") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=2"},
                 .environment = {"FAKE_WORKER=build=0123"}});
  Client client(daemon);
  CHECK(eventually([&] { return client.workers()[0].state == "broken"; }));
  CHECK(client.workers()[0].last_exit.find("build id 0123") != std::string::npos);
}

TEST_CASE("a worker that closes its control socket and stays is killed") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("close-on-page=2", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(3));
  CHECK(client.workers()[0].last_exit.find("closed its control socket") != std::string::npos);
}

TEST_CASE("a task that was answered with nonsense is done by the next worker") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("nonsense-on-probe", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(3));
  CHECK(client.workers()[0].last_exit.find("out of order") != std::string::npos);
}

}  // namespace pdf2md::tests
