#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("a document is converted, and its pages come in order") {
  Daemon daemon({.arguments = {"--workers", "2", "--readers", "2"}});
  Client client(daemon);
  uint64_t job = client.submit("a.pdf", 40);
  proto::Event over = client.wait_until_over(job);
  CHECK(over.state == proto::JobState::kDone);
  CHECK(over.pages_done == 40);
  CHECK(client.fetch(job) == expected_output(40));
}

TEST_CASE("a page range and a limit are kept to") {
  Daemon daemon;
  Client client(daemon);
  proto::JobOptions options;
  options.pages = "2-3";
  client.start_submit(options, "pages=9", false);
  uint64_t job = client.expect<proto::Accepted>().job;
  client.wait_until_over(job);
  CHECK(client.fetch(job) == "page 2: full\npage 3: full\n");
}

TEST_CASE("what is no document fails with a name for it, and is not tried again") {
  Daemon daemon;
  Client client(daemon);
  client.start_submit({}, "scribble", false);
  uint64_t job = client.expect<proto::Accepted>().job;
  proto::Event over = client.wait_until_over(job);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kNotADocument));
  // Kept to be looked at, until retention lets it go.
  CHECK(daemon.job_folders().size() == 1);
}

TEST_CASE("what failed for a client that only converts is not kept") {
  Daemon daemon;
  Client client(daemon);
  client.start_submit({}, "scribble", true);
  uint64_t job = client.expect<proto::Accepted>().job;
  CHECK(client.wait_until_over(job).state == proto::JobState::kFailed);
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
}

TEST_CASE("many small jobs of many clients are all done") {
  Daemon daemon({.arguments = {"--workers", "2"}});
  std::vector<std::pair<std::unique_ptr<Client>, uint64_t>> jobs;
  for (int i = 0; i < 50; ++i) {
    auto client = std::make_unique<Client>(daemon);
    uint64_t job = client->submit("small", 1 + i % 5, true);
    jobs.emplace_back(std::move(client), job);
  }
  for (int i = 0; i < 50; ++i) {
    auto& [client, job] = jobs[i];
    CHECK(client->wait_until_over(job).state == proto::JobState::kDone);
    CHECK(client->fetch(job) == expected_output(1 + i % 5));
  }
}

}  // namespace pdf2md::tests
