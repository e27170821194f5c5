#include <signal.h>
#include <unistd.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

#define SOCKET_IS_GONE(daemon) (::access((daemon).socket().c_str(), F_OK) != 0)

TEST_CASE("SIGTERM: pages under way end, workers leave, the socket goes, exit 0") {
  Daemon daemon({.arguments = {"--workers", "2"}});
  Client client(daemon);
  uint64_t job = client.submit("slow=20", 500, true);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 1; });
  std::vector<pid_t> workers = daemon.workers();
  REQUIRE(workers.size() == 2);
  daemon.signal(SIGTERM);
  proto::Event over = client.wait_until_over(job);
  CHECK(over.state == proto::JobState::kFailed);
  CHECK(over.error_code == static_cast<uint16_t>(ErrorCode::kStopping));
  Ended ended = daemon.wait();
  CHECK_FALSE(ended.signalled);
  CHECK(ended.number == 0);
  CHECK(SOCKET_IS_GONE(daemon));
  for (pid_t pid : workers) CHECK(::kill(pid, 0) != 0);
  CHECK(daemon.log().find("exit 0 (drained)") != std::string::npos);
}

TEST_CASE("SIGTERM of a daemon without work") {
  Daemon daemon;
  CHECK(eventually([&] { return Client(daemon).health().status == "ok"; }));
  daemon.signal(SIGTERM);
  CHECK(daemon.wait().number == 0);
}

TEST_CASE("a worker that does not end within the graceful time is killed") {
  Daemon daemon({.arguments = {"--set", "supervision.graceful_s=0.3"}});
  Client client(daemon);
  uint64_t job = client.submit("freeze-on-page=1", 1);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_total == 1; });
  daemon.signal(SIGTERM);
  CHECK(daemon.wait().number == 0);
}

TEST_CASE("a second signal does not wait") {
  Daemon daemon(
      {.arguments = {"--set", "supervision.graceful_s=3600", "--set", "supervision.drain_s=3600"}});
  Client client(daemon);
  uint64_t job = client.submit("freeze-on-page=1", 1);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_total == 1; });
  daemon.signal(SIGINT);
  CHECK(eventually([&] { return daemon.log().find("stopping") != std::string::npos; }));
  ::usleep(300'000);  // signals in one breath are one wish
  daemon.signal(SIGINT);
  CHECK(daemon.wait().number == 1);
  CHECK(SOCKET_IS_GONE(daemon));
}

TEST_CASE("SIGHUP and SIGPIPE kill nothing") {
  Daemon daemon;
  daemon.signal(SIGHUP);
  daemon.signal(SIGPIPE);
  CHECK(Client(daemon).health().pool_size == 1);
}

TEST_CASE("--idle-exit: leaves when there is neither client nor job") {
  Daemon daemon({.arguments = {"--idle-exit", "0.2"}});
  {
    Client client(daemon);
    client.wait_until_over(client.submit("slow=100", 5, true));
  }
  CHECK(daemon.wait().number == 0);
}

TEST_CASE("a job without a client keeps it from leaving") {
  Daemon daemon({.arguments = {"--idle-exit", "0.05"}});
  uint64_t job = Client(daemon).submit("slow=100", 5);
  Ended ended = daemon.wait();
  CHECK(ended.number == 0);
  CHECK(daemon.log().find("job is over job=" + std::to_string(job) + " state=done") !=
        std::string::npos);
}

TEST_CASE("kill -9 of the daemon: its workers leave by themselves") {
  Daemon daemon({.arguments = {"--workers", "2"}});
  Client client(daemon);
  uint64_t job = client.submit("slow=20", 500);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 1; });
  std::vector<pid_t> workers = daemon.workers();
  daemon.signal(SIGKILL);
  daemon.wait();
  // Somebody else reaps them: a zombie is gone, too.
  auto gone = [](pid_t pid) {
    Result<std::string> stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    return !stat || stat->find(") Z ") != std::string::npos;
  };
  for (pid_t pid : workers) CHECK(eventually([&] { return gone(pid); }));
}

TEST_CASE("a daemon that is stopping is not ready, and takes no job") {
  Daemon daemon(
      {.arguments = {"--set", "supervision.graceful_s=3600", "--set", "supervision.drain_s=3600"}});
  Client client(daemon);
  uint64_t job = client.submit("freeze-on-page=1", 1);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_total == 1; });
  CHECK(client.health().ready);
  daemon.signal(SIGTERM);
  REQUIRE(eventually([&] { return daemon.log().find("stopping") != std::string::npos; }));
  CHECK_FALSE(client.health().ready);
  client.start_submit({}, "pages=1", false);
  client.expect_error(ErrorCode::kStopping);
}

}  // namespace pdf2md::tests
