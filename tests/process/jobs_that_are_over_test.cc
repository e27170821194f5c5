#include <signal.h>

#include <algorithm>

#include "proto/spool_messages.h"
#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

uint64_t failed_job(Client& client) {
  uint64_t job = client.submit("fail-on-probe=203", 2);
  REQUIRE(client.wait_until_over(job).state == proto::JobState::kFailed);
  return job;
}

void remove(Client& client, uint64_t job) {
  client.send(proto::Remove{job});
  client.expect<proto::Done>();
}

}  // namespace

TEST_CASE("a failed job is tried again as a new one, with its document") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = failed_job(client);
  client.send(proto::Retry{job, {"secret"}});
  uint64_t again = client.expect<proto::Accepted>().job;
  CHECK(again > job);
  proto::Event end = client.wait_until_over(again);
  CHECK(end.state == proto::JobState::kFailed);
  CHECK(end.error_code == 203);
  CHECK(client.status(again).document_bytes == client.status(job).document_bytes);
  // The first one may go: the second has a document of its own.
  remove(client, job);
  client.send(proto::Retry{again, {}});
  CHECK(client.expect<proto::Accepted>().job > again);
}

TEST_CASE("what did not fail is not tried again") {
  Daemon daemon;
  Client client(daemon);
  uint64_t done = client.submit("done", 1);
  REQUIRE(client.wait_until_over(done).state == proto::JobState::kDone);
  uint64_t running = client.submit("slow=20", 100);
  for (uint64_t job : {done, running}) {
    client.send(proto::Retry{job, {}});
    CHECK(client.expect_error(ErrorCode::kUnexpected).message.find("only failed") !=
          std::string::npos);
  }
  client.send(proto::Retry{999, {}});
  client.expect_error(ErrorCode::kNoSuchJob);
}

TEST_CASE("a failed job is tried again after the daemon was killed") {
  TemporaryFolder folder;
  uint64_t job = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    job = failed_job(client);
    daemon.signal(SIGKILL);
    daemon.wait();
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  client.send(proto::Retry{job, {}});
  uint64_t again = client.expect<proto::Accepted>().job;
  CHECK(client.wait_until_over(again).error_code == 203);
}

TEST_CASE("a job that is over can be removed, and is gone for good") {
  TemporaryFolder folder;
  uint64_t job = 0, other = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    job = client.submit("first", 1);
    other = client.submit("second", 1);
    client.wait_until_over(job);
    client.wait_until_over(other);
    remove(client, job);
    client.send(proto::Remove{job});
    client.expect_error(ErrorCode::kNoSuchJob);
    CHECK(eventually([&] {
      std::vector<std::string> folders = daemon.job_folders();
      return std::find(folders.begin(), folders.end(), std::to_string(job)) == folders.end();
    }));
    CHECK(client.fetch(other) == expected_output(1));
    daemon.signal(SIGKILL);
    daemon.wait();
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  client.send(proto::StatusRequest{job});
  client.expect_error(ErrorCode::kNoSuchJob);
  CHECK(client.status(other).state == proto::JobState::kDone);
}

TEST_CASE("a job that runs is not removed") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("slow=20", 100);
  client.send(proto::Remove{job});
  client.expect_error(ErrorCode::kNotFinished);
  CHECK(client.status(job).state != proto::JobState::kCancelled);
}

TEST_CASE("how a page was done is told, with the deaths before it") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("crash-once-on-page=2", 3);
  REQUIRE(client.wait_until_over(job).state == proto::JobState::kDone);
  auto explain = [&](uint32_t page) {
    client.send(proto::Explain{job, page});
    return client.expect<proto::Explanation>();
  };
  proto::Explanation crashed = explain(2);
  CHECK(crashed.known);
  CHECK(crashed.pid > 0);
  CHECK(crashed.route.text_layer == "trusted");
  CHECK(crashed.route.blocks == 2);
  REQUIRE(crashed.deaths.size() == 1);
  CHECK(crashed.deaths[0].find("signal 11") != std::string::npos);
  CHECK(explain(3).known);
  CHECK_FALSE(explain(9).known);
  client.send(proto::Explain{999, 1});
  client.expect_error(ErrorCode::kNoSuchJob);
}

TEST_CASE("what the daemon can be asked for is what it takes") {
  Daemon daemon({.arguments = {"--set", "limits.max_pages=77"}});
  Client client(daemon);
  client.send(proto::CapabilitiesRequest());
  proto::CapabilityList list = client.expect<proto::CapabilityList>();
  CHECK(list.max_pages == 77);
  CHECK(list.workers == 1);
  CHECK(list.admin);
  for (const std::string& output : list.outputs) {
    for (const std::string& ocr : list.ocr) {
      proto::JobOptions options;
      options.outputs = {output};
      options.ocr = ocr;
      client.start_submit(options, "pages=1", false);
      CHECK(client.expect<proto::Accepted>().job > 0);
    }
  }
}

}  // namespace pdf2md::tests
