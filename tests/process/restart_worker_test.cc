#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

bool none_of_them_left(Daemon& daemon, const std::vector<pid_t>& before, size_t count) {
  return eventually([&] {
    std::vector<pid_t> now = daemon.workers();
    return now.size() == count && std::none_of(now.begin(), now.end(), [&](pid_t pid) {
             return std::find(before.begin(), before.end(), pid) != before.end();
           });
  });
}

}  // namespace

TEST_CASE("restart-worker all: every process is another one, and the job does not notice") {
  Daemon daemon({.arguments = {"--workers", "3"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 3; }));
  std::vector<pid_t> before = daemon.workers();
  uint64_t job = client.submit("slow=5", 300);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done > 0; });
  proto::Pool pool = client.operate(proto::RestartWorker{});
  CHECK(pool.workers == 3);
  CHECK(pool.ready == 3);
  CHECK(none_of_them_left(daemon, before, 3));
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.status(job).attempts == 0);
  CHECK(client.fetch(job) == expected_output(300));
  CHECK(client.deaths().total == 0);
}

TEST_CASE("restart-worker of one slot leaves the others") {
  Daemon daemon({.arguments = {"--workers", "2"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 2; }));
  std::vector<pid_t> before = daemon.workers();
  client.operate(proto::RestartWorker{1});
  CHECK(none_of_them_left(daemon, {before[1]}, 2));
  CHECK(daemon.workers()[0] == before[0]);
}

TEST_CASE("restart-worker of a slot that is none is refused") {
  Daemon daemon;
  Client client(daemon);
  client.send(proto::RestartWorker{7});
  client.expect_error(ErrorCode::kBadOptions);
}

TEST_CASE("a successor that cannot start leaves the old worker at work, until it can") {
  TemporaryFolder folder;
  std::string file = folder.path() + "/bad-model";
  Daemon daemon({.environment = {"FAKE_WORKER=exit-while=" + file + ":66"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  std::vector<pid_t> before = daemon.workers();
  std::ofstream(file) << "bad\n";
  client.operate(proto::RestartWorker{0});
  CHECK(eventually([&] {
    std::vector<proto::WorkerInfo> workers = client.workers();
    return workers.size() == 2 && workers[1].state == "broken";
  }));
  CHECK(client.workers()[0].pid == before[0]);
  uint64_t job = client.submit("a.pdf", 2);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  std::filesystem::remove(file);
  client.operate(proto::RestartWorker{0});
  CHECK(none_of_them_left(daemon, before, 1));
  CHECK(client.wait_until_over(client.submit("b.pdf", 1)).state == proto::JobState::kDone);
}

TEST_CASE("the old worker dies while its successor loads: its pages are done by that") {
  Daemon daemon({.environment = {"FAKE_WORKER=loads=300"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  pid_t old = daemon.workers().at(0);
  uint64_t job = client.submit("slow=20", 40);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done > 0; });
  client.operate(proto::RestartWorker{0});
  ::kill(old, SIGKILL);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(40));
  CHECK(none_of_them_left(daemon, {old}, 1));
  CHECK(client.deaths().total == 1);
}

TEST_CASE("restart-worker tries a broken worker again at once") {
  TemporaryFolder folder;
  std::string file = folder.path() + "/bad-model";
  std::ofstream(file) << "bad\n";
  Daemon daemon({.environment = {"FAKE_WORKER=exit-while=" + file + ":66"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.workers()[0].state == "broken"; }));
  CHECK(client.workers()[0].note == "cannot work: exit 66 (bad model)");
  std::filesystem::remove(file);
  client.operate(proto::RestartWorker{});
  CHECK(eventually([&] { return client.health().status == "ok"; }));
}

TEST_CASE("a restart that was asked for comes once, also without warm replacement") {
  Daemon daemon({.arguments = {"--set", "recycle.warm=false"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  std::vector<pid_t> before = daemon.workers();
  client.operate(proto::RestartWorker{0});
  CHECK(none_of_them_left(daemon, before, 1));
  CHECK(client.wait_until_over(client.submit("a.pdf", 3)).state == proto::JobState::kDone);
  CHECK(client.workers()[0].recycled == 1);
}

TEST_CASE("a slot's restarts are counted on over a replacement") {
  Daemon daemon;
  Client client(daemon);
  client.wait_until_over(client.submit("crash-once-on-page=1", 2));
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  REQUIRE(client.workers()[0].restarts == 1);
  std::vector<pid_t> before = daemon.workers();
  client.operate(proto::RestartWorker{0});
  CHECK(none_of_them_left(daemon, before, 1));
  CHECK(client.workers()[0].restarts == 1);
}

TEST_CASE("a worker that does not finish its page in time to be replaced is killed, unblamed") {
  Daemon daemon(
      {.arguments = {"--set", "supervision.retire_s=0.1", "--set", "supervision.term_s=0.1"}});
  Client client(daemon);
  uint64_t job = client.submit("stop-on-page=2", 3);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 1; });
  pid_t stopped = daemon.workers()[0];
  client.operate(proto::RestartWorker{0});
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(3));
  CHECK(client.status(job).attempts == 0);
  proto::DeathList list = client.deaths();
  REQUIRE(list.deaths.size() == 1);
  CHECK(list.deaths[0].pid == stopped);
  CHECK(list.deaths[0].job == job);
  CHECK(list.deaths[0].page == 2);
}

}  // namespace pdf2md::tests
