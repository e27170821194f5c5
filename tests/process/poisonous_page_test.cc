#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE(
    "a page that kills its worker with models is done without, its neighbours are untouched") {
  Daemon daemon({.arguments = {"--workers", "2", "--readers", "2"}});
  Client client(daemon);
  uint64_t job = client.submit("crash-full-on-page=3", 5);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) ==
        "page 1: full\npage 2: full\npage 3: text layer only\npage 4: full\npage 5: full\n");
  proto::JobInfo info = client.status(job);
  CHECK(info.pages_degraded == std::vector<uint32_t>{3});
  CHECK(info.pages_failed.empty());
}

TEST_CASE("a page that kills every worker is replaced by a placeholder and named") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("crash-on-page=1", 2);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == "page 1: placeholder\npage 2: full\n");
  CHECK(client.status(job).pages_failed == std::vector<uint32_t>{1});
}

TEST_CASE("poisonous pages of several documents do not open the circuit breaker") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=3"}});
  Client client(daemon);
  uint64_t first = client.submit("crash-on-page=1", 2);
  uint64_t second = client.submit("crash-on-page=2", 2);
  uint64_t third = client.submit("crash-on-page=1", 1);
  for (uint64_t job : {first, second, third})
    CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.workers()[0].state != "broken");
}

TEST_CASE("a strict job fails with its first failed page") {
  Daemon daemon;
  Client client(daemon);
  proto::JobOptions options;
  options.name = "fail-page=2 slow=5";
  options.strict = true;
  client.start_submit(options, "pages=200", false);
  uint64_t job = client.expect<proto::Accepted>().job;
  proto::Event over = client.wait_until_over(job);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kPageFailed));
  CHECK(over.pages_done < 200);
}

TEST_CASE("a document that kills whoever opens it fails alone") {
  Daemon daemon;
  Client client(daemon);
  uint64_t poison = client.submit("crash-on-probe", 2);
  uint64_t sound = client.submit("sound", 2);
  proto::Event over = client.wait_until_over(poison);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kWorkerDied));
  CHECK(client.wait_until_over(sound).state == proto::JobState::kDone);
}

TEST_CASE("so does one that kills whoever joins its pages") {
  Daemon daemon;
  Client client(daemon);
  uint64_t poison = client.submit("crash-on-assemble", 2);
  proto::Event over = client.wait_until_over(poison);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.text.find("joining") != std::string::npos);
}

}  // namespace pdf2md::tests
