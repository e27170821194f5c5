#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

uint32_t recycled(Client& client) {
  uint32_t sum = 0, slot = UINT32_MAX;
  for (const proto::WorkerInfo& worker : client.workers()) {
    if (worker.slot != slot) sum += worker.recycled;  // a slot may be listed twice
    slot = worker.slot;
  }
  return sum;
}

bool all_ready(Client& client, uint32_t count) {
  return eventually([&] { return client.health().workers_ready == count; });
}

// Looks at the pool until all jobs are over; returns the fewest ready workers that it saw.
uint32_t fewest_ready_until_over(Client& client, const std::vector<uint64_t>& jobs) {
  uint32_t fewest = UINT32_MAX;
  for (uint64_t job : jobs) {
    CHECK(eventually([&] {
      fewest = std::min(fewest, client.health().workers_ready);
      return client.status(job).state >= proto::JobState::kDone;
    }));
  }
  return fewest;
}

std::vector<uint64_t> submit_many(Client& client, int count) {
  std::vector<uint64_t> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back(client.submit("slow=8", 3));
  return jobs;
}

void check_done_at_first_attempt(Client& client, const std::vector<uint64_t>& jobs, int pages) {
  for (uint64_t job : jobs) {
    proto::JobInfo info = client.status(job);
    CHECK(info.state == proto::JobState::kDone);
    CHECK(info.attempts == 0);
    CHECK(client.fetch(job) == expected_output(pages));
  }
}

const std::vector<std::string> kOften = {
    "--workers", "2", "--set", "recycle.min_lifetime_s=0", "--set", "recycle.max_jobs=3"};

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("workers are replaced under load: no job is touched, and there is no dip") {
  Daemon daemon({.arguments = kOften, .environment = {"FAKE_WORKER=loads=40"}});
  Client client(daemon);
  REQUIRE(all_ready(client, 2));
  std::vector<uint64_t> jobs = submit_many(client, 60);
  CHECK(fewest_ready_until_over(client, jobs) == 2);
  check_done_at_first_attempt(client, jobs, 3);
  CHECK(recycled(client) >= 3);
  CHECK(client.deaths().total == 0);
  CHECK(eventually([&] { return client.workers().size() == 2; }));
}

TEST_CASE("without warm replacement one worker leaves at a time") {
  Daemon daemon({.arguments = with(kOften, {"--set", "recycle.warm=false"}),
                 .environment = {"FAKE_WORKER=loads=20"}});
  Client client(daemon);
  REQUIRE(all_ready(client, 2));
  std::vector<uint64_t> jobs = submit_many(client, 40);
  CHECK(fewest_ready_until_over(client, jobs) >= 1);
  check_done_at_first_attempt(client, jobs, 3);
  CHECK(recycled(client) >= 2);
}

TEST_CASE("an only worker that is replaced cold comes back") {
  Daemon daemon({.arguments = {"--set", "recycle.min_lifetime_s=0", "--set", "recycle.max_jobs=1",
                               "--set", "recycle.warm=false"}});
  Client client(daemon);
  for (int i = 0; i < 5; ++i) {
    uint64_t job = client.submit("a.pdf", 2);
    CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  }
  CHECK(eventually([&] { return recycled(client) >= 4; }));
  CHECK(client.deaths().total == 0);
}

TEST_CASE("one long document recycles its worker as well: by pages, by memory, by growth") {
  std::string limit =
      GENERATE("recycle.max_pages=20", "recycle.max_rss_mib=400", "recycle.max_rss_growth_mib=300");
  INFO(limit);
  Daemon daemon({.arguments = {"--set", limit, "--set", "recycle.min_lifetime_s=0", "--set",
                               "supervision.canary_interval_s=0.02"},
                 .environment = {"FAKE_WORKER=leaks-mib=20"}});
  Client client(daemon);
  uint64_t job = client.submit("slow=5", 150);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  check_done_at_first_attempt(client, {job}, 150);
  CHECK(eventually([&] { return recycled(client) >= 1; }));
  std::string key = limit.substr(0, limit.find('='));
  CHECK(daemon.log().find("(" + key + ")") != std::string::npos);
}

TEST_CASE("a long document counts as one job") {
  Daemon daemon({.arguments = {"--set", "recycle.max_jobs=2", "--set", "recycle.jitter=0", "--set",
                               "recycle.min_lifetime_s=0"}});
  Client client(daemon);
  client.wait_until_over(client.submit("a.pdf", 50));
  client.wait_until_over(client.submit("fail-on-probe=202", 1));
  CHECK(recycled(client) == 0);
  client.wait_until_over(client.submit("b.pdf", 1));
  CHECK(eventually([&] { return recycled(client) == 1; }));
}

TEST_CASE("nothing is recycled within the minimum lifetime") {
  Daemon daemon({.arguments = {"--set", "recycle.max_jobs=1"}});
  Client client(daemon);
  for (int i = 0; i < 5; ++i) client.wait_until_over(client.submit("a.pdf", 1));
  CHECK(recycled(client) == 0);
}

}  // namespace pdf2md::tests
