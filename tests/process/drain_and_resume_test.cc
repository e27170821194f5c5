#include <signal.h>
#include <unistd.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("drain: what is under way ends, the rest waits, and resume does it") {
  Daemon daemon({.arguments = {"--workers", "2"}});
  Client client(daemon);
  uint64_t running = client.submit("slow=10", 100);
  client.wait_for(running, [](const proto::Event& event) { return event.pages_done > 0; });
  CHECK(client.operate(proto::DrainPool{}).paused);
  uint64_t waiting = client.submit("a.pdf", 2);
  CHECK(eventually([&] { return client.operate(proto::DrainPool{}).tasks == 0; }));
  CHECK(client.health().paused);
  CHECK_FALSE(client.health().ready);
  CHECK(client.health().workers_ready == 2);
  proto::JobInfo half = client.status(running);
  CHECK(half.state == proto::JobState::kRunning);
  CHECK(half.pages_done < 100);
  CHECK(client.status(waiting).state == proto::JobState::kQueued);
  CHECK_FALSE(client.operate(proto::ResumePool{}).paused);
  CHECK(client.wait_until_over(running).state == proto::JobState::kDone);
  CHECK(client.wait_until_over(waiting).state == proto::JobState::kDone);
  CHECK(client.fetch(running) == expected_output(100));
  CHECK_FALSE(client.health().paused);
  CHECK(client.health().ready);
}

TEST_CASE("a job's time does not run while the pool is drained") {
  Daemon daemon({.arguments = {"--set", "limits.job_timeout_s=3"}});
  Client client(daemon);
  uint64_t job = client.submit("slow=10", 10);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done > 0; });
  client.operate(proto::DrainPool{});
  ::usleep(3'200'000);  // longer than it may take
  CHECK(client.status(job).state == proto::JobState::kRunning);
  client.operate(proto::ResumePool{});
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
}

TEST_CASE("a drained daemon can be stopped") {
  Daemon daemon;
  Client client(daemon);
  client.operate(proto::DrainPool{});
  client.submit("a.pdf", 2);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait().number == 0);
}

}  // namespace pdf2md::tests
