#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("an attached job is cancelled when its client leaves, and its files go") {
  Daemon daemon;
  Client watcher(daemon);
  uint64_t job = 0;
  {
    Client client(daemon);
    job = client.submit("slow=50", 1000, true);
    client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 1; });
  }
  CHECK(watcher.wait_until_over(job).state == proto::JobState::kCancelled);
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
  // The worker is free for others at once.
  uint64_t next = watcher.submit("next", 1);
  CHECK(watcher.wait_until_over(next).state == proto::JobState::kDone);
  CHECK(watcher.workers()[0].restarts == 0);
}

TEST_CASE("a submitted job goes on without its client") {
  Daemon daemon;
  uint64_t job = Client(daemon).submit("slow=5", 5);
  Client later(daemon);
  CHECK(later.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(later.fetch(job) == expected_output(5));
}

TEST_CASE("the results of an attached job that was done go with its client") {
  Daemon daemon;
  uint64_t job = 0;
  {
    Client client(daemon);
    job = client.submit("a.pdf", 1, true);
    client.wait_until_over(job);
  }
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
  Client later(daemon);
  CHECK(later.status(job).outputs.empty());
  later.send(proto::Fetch{job, "md"});
  later.expect_error(ErrorCode::kNoSuchOutput);
}

TEST_CASE("an upload that is cut off leaves nothing") {
  Daemon daemon({.arguments = {"--set", "queue.max_jobs=1"}});
  {
    Client client(daemon);
    client.send(proto::Submit{{}, 1000, false});
    client.send(proto::Data{proto::Bytes{"pages=1"}});
    CHECK(eventually([&] { return daemon.job_folders().size() == 1; }));
  }
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
  Client client(daemon);
  client.send(proto::StatusRequest{});
  CHECK(client.expect<proto::Jobs>().jobs.empty());
  CHECK(client.health().queue_length == 0);
  CHECK(client.submit("a.pdf", 1) > 0);  // nor does it hold a place
}

TEST_CASE("cancel ends a job within its page, once") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("slow=30", 1000);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 1; });
  client.send(proto::Cancel{job});
  client.expect<proto::Done>();
  CHECK(client.status(job).state == proto::JobState::kCancelled);
  client.send(proto::Cancel{job});
  client.expect_error(ErrorCode::kUnexpected);
  client.send(proto::Fetch{job, "md"});
  client.expect_error(ErrorCode::kCancelled);
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
}

TEST_CASE("a job that takes longer than it may fails, and the worker goes on") {
  Daemon daemon;
  Client client(daemon);
  proto::JobOptions options;
  options.name = "slow=50";
  options.timeout_ms = 200;
  client.start_submit(options, "pages=1000", false);
  uint64_t job = client.expect<proto::Accepted>().job;
  proto::Event over = client.wait_until_over(job);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kJobTimedOut));
  CHECK(client.wait_until_over(client.submit("next", 1)).state == proto::JobState::kDone);
}

TEST_CASE("an upload of which nothing more comes is given up") {
  Daemon daemon({.arguments = {"--set", "socket.upload_idle_s=1"}});
  Client client(daemon);
  client.send(proto::Submit{{}, 1000, false});
  client.send(proto::Data{proto::Bytes{"pages=1"}});
  client.expect_error(ErrorCode::kTimedOut);
  CHECK(client.closed());
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
}

}  // namespace pdf2md::tests
