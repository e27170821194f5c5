// spare_workers: ready ones beside those that work.
#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

const std::vector<std::string> kOneAndASpare = {"--workers", "1", "--set", "spare_workers=1"};

bool all_ready(Client& client) {
  return eventually([&] { return client.health().workers_ready == 2; });
}

proto::WorkerInfo worker_in(Client& client, uint32_t slot) {
  for (const proto::WorkerInfo& worker : client.workers())
    if (worker.slot == slot) return worker;
  FAIL("no worker in slot " << slot);
  return {};
}

}  // namespace

TEST_CASE("a spare worker is given nothing while the others are there") {
  Daemon daemon({.arguments = kOneAndASpare});
  Client client(daemon);
  REQUIRE(all_ready(client));
  std::vector<uint64_t> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(client.submit("slow=5", 5));
  for (uint64_t job : jobs) CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(worker_in(client, 0).pages_done == 30);
  CHECK(worker_in(client, 1).pages_done == 0);
  CHECK(worker_in(client, 1).note.find("spare") != std::string::npos);
}

TEST_CASE("a spare worker takes over where one died, and that one's successor is the spare") {
  Daemon daemon({.arguments = kOneAndASpare});
  Client client(daemon);
  REQUIRE(all_ready(client));
  CHECK(worker_in(client, 1).pages_done == 0);
  uint64_t job = client.submit("crash-once-on-page=3 slow=5", 8);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(8));
  REQUIRE(all_ready(client));
  CHECK(worker_in(client, 1).pages_done > 0);
}

TEST_CASE("nothing is wrong while only a spare worker is missing") {
  Daemon daemon({.arguments = kOneAndASpare, .environment = {"FAKE_WORKER=loads=1500"}});
  Client client(daemon);
  REQUIRE(all_ready(client));
  pid_t spare = worker_in(client, 1).pid;
  REQUIRE(spare > 0);
  ::kill(spare, SIGKILL);
  CHECK(eventually([&] { return worker_in(client, 1).restarts == 1; }));
  CHECK(client.health().status == "ok");
  CHECK(client.health().ready);
  CHECK(all_ready(client));
}

TEST_CASE("a slot of a spare worker can be restarted, none beyond") {
  Daemon daemon({.arguments = kOneAndASpare});
  Client client(daemon);
  REQUIRE(all_ready(client));
  pid_t before = worker_in(client, 1).pid;
  client.operate(proto::RestartWorker{1});
  CHECK(eventually([&] { return worker_in(client, 1).pid != before; }));
  client.send(proto::RestartWorker{2});
  client.expect_error(ErrorCode::kBadOptions);
}

}  // namespace pdf2md::tests
