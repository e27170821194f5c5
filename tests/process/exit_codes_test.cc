#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("exit codes that say that the next worker would fail as well mean broken, at once") {
  int code = GENERATE(64, 65, 66, 70);
  Daemon daemon({.environment = {"FAKE_WORKER=exit=" + std::to_string(code)}});
  Client client(daemon);
  CHECK(eventually([&] { return client.workers()[0].state == "broken"; }));
  proto::WorkerInfo worker = client.workers()[0];
  CHECK(worker.last_exit.rfind("exit " + std::to_string(code) + " (", 0) == 0);
  CHECK(worker.restarts == 1);
}

TEST_CASE("a job that waits while the last worker breaks: convert is told so, submit waits on") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=4", "--set",
                               "supervision.backoff_min_s=0.1"},
                 .environment = {"FAKE_WORKER=exit=71"}});
  Client client(daemon);
  uint64_t patient = client.submit("b.pdf", 1);
  uint64_t job = client.submit("a.pdf", 1, true);
  proto::Event over = client.wait_until_over(job);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kNoWorkers));
  CHECK(over.text.find("exit 71") != std::string::npos);
  CHECK(client.status(patient).state == proto::JobState::kQueued);
}

TEST_CASE("a device that is not there yet is waited for, beyond any number of deaths") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=2", "--set",
                               "supervision.backoff_max_s=0.02"},
                 .environment = {"FAKE_WORKER=exit=67"}});
  Client client(daemon);
  CHECK(eventually([&] { return client.workers()[0].restarts >= 6; }));
  CHECK(client.workers()[0].state != "broken");
}

TEST_CASE("exit codes of a worker in the middle of a page: the page is done by the next one") {
  int code = GENERATE(68, 69, 71, 0, 42);
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("exit-on-page=2:" + std::to_string(code), 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(3));
}

TEST_CASE("a worker that fails to start once is started again") {
  TemporaryFolder folder;
  Daemon daemon({.environment = {"FAKE_WORKER=exit-once=" + folder.path() + "/once:68"}});
  Client client(daemon);
  uint64_t job = client.submit("a.pdf", 1);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
}

TEST_CASE("a worker program that is not there is reported with its path") {
  Daemon daemon({.arguments = {"--worker-program", "/nonexistent/worker", "--set",
                               "supervision.breaker_deaths=2"}});
  Client client(daemon);
  CHECK(eventually([&] { return client.workers()[0].state == "broken"; }));
  CHECK(client.workers()[0].last_exit.find("/nonexistent/worker: execve") != std::string::npos);
}

}  // namespace pdf2md::tests
