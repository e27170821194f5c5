#include <signal.h>

#include <cstdlib>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("a worker that crashes once changes nothing in the output") {
  Daemon daemon({.arguments = {"--workers", "2", "--readers", "2"}});
  Client client(daemon);
  uint64_t job = client.submit("crash-once-on-page=11 slow=2", 30);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(30));
  proto::JobInfo info = client.status(job);
  CHECK(info.attempts >= 1);
  CHECK(info.pages_degraded.empty());
}

TEST_CASE("finished pages are not done again after a death") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("crash-once-on-page=5", 8);
  client.wait_until_over(job);
  CHECK(client.fetch(job) == expected_output(8));
  // One page at a time, so only the page itself was under way.
  CHECK(client.status(job).attempts == 1);
}

TEST_CASE("where a worker does not say what it begins, all its pages are suspects and all arrive") {
  Daemon daemon({.environment = {"FAKE_WORKER=no-begins"}});
  Client client(daemon);
  uint64_t job = client.submit("crash-once-on-page=5", 8);
  client.wait_until_over(job);
  CHECK(client.fetch(job) == expected_output(8));
  CHECK(client.status(job).attempts == 4);
}

TEST_CASE("kill -9 of a worker from outside changes nothing in the output") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("slow=20", 12);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 3; });
  for (pid_t pid : daemon.workers()) ::kill(pid, SIGKILL);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(12));
  CHECK(client.workers()[0].restarts == 1);
  CHECK(client.workers()[0].last_exit == "signal 9 (Killed)");
}

TEST_CASE("what a worker started ends with it") {
  TemporaryFolder folder;
  std::string file = folder.path() + "/pid";
  Daemon daemon({.environment = {"FAKE_WORKER=child=" + file}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  pid_t child = std::atoi(read_file(file, 100)->c_str());
  REQUIRE(::kill(child, 0) == 0);
  ::kill(daemon.workers().at(0), SIGKILL);
  // Somebody else reaps it: a zombie is gone, too.
  CHECK(eventually([&] {
    Result<std::string> stat = read_file("/proc/" + std::to_string(child) + "/stat", 4096);
    return !stat || stat->find(") Z ") != std::string::npos;
  }));
}

}  // namespace pdf2md::tests
