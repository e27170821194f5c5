#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

Fd bound_socket(const std::string& path, int type) {
  Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(::bind(fd.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

Fd listening_socket(const std::string& path) {
  Fd fd = bound_socket(path, SOCK_STREAM);
  REQUIRE(::listen(fd.get(), 16) == 0);
  return fd;
}

// The other end of NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& path) : path_(path), fd_(bound_socket(path, SOCK_DGRAM)) {}
  std::string variable() const { return "NOTIFY_SOCKET=" + path_; }

  // The next datagram; "" if none comes in time.
  std::string hear(int timeout_ms = kGenerousMs) {
    struct pollfd item {
      fd_.get(), POLLIN, 0
    };
    if (::poll(&item, 1, timeout_ms) != 1) return "";
    char bytes[4096];
    ssize_t n = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    last_.assign(bytes, n > 0 ? static_cast<size_t>(n) : 0);
    heard_ += last_ + "\n";
    return last_;
  }
  // Whether a line that begins so comes, now or in time.
  bool hears(const std::string& line) {
    return eventually([&] { return hear(10).empty() ? false : begins_line(last_, line); });
  }
  // The same, or has come already.
  bool has_heard(const std::string& line) { return begins_line(heard_, line) || hears(line); }
  const std::string& heard() const { return heard_; }

 private:
  std::string path_;
  Fd fd_;
  static bool begins_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line) != std::string::npos;
  }

  std::string last_;
  std::string heard_;
};

}  // namespace

TEST_CASE("a socket that was handed over is served, and stays when the daemon leaves") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/handed";
  Fd socket = listening_socket(path);
  ::chmod(path.c_str(), 0640);
  {
    Daemon daemon({.folder = folder.path(), .listening = socket.get()});
    Client client(path);
    uint64_t job = client.submit("a", 2);
    CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
    CHECK(client.fetch(job) == expected_output(2));
    CHECK(::access(daemon.socket().c_str(), F_OK) != 0);  // none of its own
    daemon.signal(SIGTERM);
    CHECK(daemon.wait().number == 0);
  }
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  Daemon next({.folder = folder.path(), .listening = socket.get()});
  Client client(path);
  CHECK(eventually([&] { return client.health().status == "ok"; }));
}

TEST_CASE("what was handed over must be a listening stream socket") {
  TemporaryFolder folder;
  Fd datagram = bound_socket(folder.path() + "/datagram", SOCK_DGRAM);
  Daemon daemon(
      {.folder = folder.path(), .wait_until_serving = false, .listening = datagram.get()});
  CHECK(daemon.wait().number == 1);
  CHECK(daemon.log().find("descriptor 3 is not a listening Unix stream socket") !=
        std::string::npos);
}

TEST_CASE("the service manager hears READY after the first worker, and of the end") {
  TemporaryFolder folder;
  Manager manager(folder.path() + "/notify");
  Daemon daemon(
      {.environment = {manager.variable(), "WATCHDOG_USEC=400000"}, .folder = folder.path()});
  REQUIRE(manager.hears("READY=1"));
  CHECK(manager.heard().find("EXTEND_TIMEOUT_USEC=") < manager.heard().find("READY=1"));
  CHECK(manager.hears("WATCHDOG=1"));
  CHECK(manager.has_heard("STATUS=1 worker (1 ready, 0 busy)"));
  daemon.signal(SIGTERM);
  CHECK(manager.hears("STOPPING=1"));
  CHECK(daemon.wait().number == 0);
}

TEST_CASE("no READY without a worker that has run its models") {
  TemporaryFolder folder;
  Manager manager(folder.path() + "/notify");
  Daemon daemon(
      {.environment = {manager.variable(), "FAKE_WORKER=silent"}, .folder = folder.path()});
  CHECK(manager.hears("EXTEND_TIMEOUT_USEC="));
  CHECK(Client(daemon).health().live);
  CHECK_FALSE(Client(daemon).health().ready);
  CHECK(manager.heard().find("READY=1") == std::string::npos);
}

TEST_CASE("the watchdog starves while the only worker's device does not answer") {
  TemporaryFolder folder;
  Manager manager(folder.path() + "/notify");
  Daemon daemon({.arguments = {"--set", "supervision.canary_interval_s=0.05", "--set",
                               "supervision.canary_timeout_s=0.2"},
                 .environment = {manager.variable(), "WATCHDOG_USEC=200000"},
                 .folder = folder.path()});
  REQUIRE(manager.hears("READY=1"));
  Client client(daemon);
  pid_t worker = daemon.workers().at(0);
  ::kill(worker, SIGSTOP);
  REQUIRE(eventually([&] { return client.health().status == "failing"; }));
  CHECK_FALSE(client.health().ready);
  // What was said before lies in the socket still; then there must be nothing but the status.
  bool fed = true;
  for (int turn = 0; turn < 100 && fed; ++turn) {
    while (!manager.hear(0).empty()) {
    }
    fed = manager.hear(400).find("WATCHDOG=1") != std::string::npos;
  }
  CHECK_FALSE(fed);
  ::kill(worker, SIGCONT);
  CHECK(manager.hears("WATCHDOG=1"));
}

TEST_CASE("workers are told nothing of the service manager") {
  TemporaryFolder folder;
  Manager manager(folder.path() + "/notify");
  Fd socket = listening_socket(folder.path() + "/handed");
  // What the daemon's own parent left open is no business of theirs either.
  Fd open_for_all(::dup(socket.get()));
  Daemon daemon({.environment = {manager.variable(), "WATCHDOG_USEC=60000000", "KEPT=1"},
                 .folder = folder.path(),
                 .listening = socket.get()});
  Client client(folder.path() + "/handed");
  CHECK(eventually([&] { return client.health().status == "ok"; }));
  pid_t worker = client.workers().at(0).pid;
  Result<std::string> variables =
      read_file("/proc/" + std::to_string(worker) + "/environ", 1 << 20);
  REQUIRE(variables.ok());
  CHECK(variables->find("KEPT=1") != std::string::npos);
  for (const char* prefix : {"NOTIFY_", "WATCHDOG_", "LISTEN_"}) {
    INFO(prefix);
    CHECK(variables->find(prefix) == std::string::npos);
  }
  // Nor do they hold its sockets: 3 is the control socket, and what else is open is their own.
  struct stat handed {};
  REQUIRE(::fstat(socket.get(), &handed) == 0);
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(worker) + "/fd")) {
    struct stat info {};
    bool same = ::stat(entry.path().c_str(), &info) == 0 && info.st_ino == handed.st_ino &&
                info.st_dev == handed.st_dev;
    CHECK_FALSE(same);
  }
}

TEST_CASE("the service manager hears of a reload, from its beginning to its end") {
  TemporaryFolder folder;
  Manager manager(folder.path() + "/notify");
  Daemon daemon({.environment = {manager.variable()}, .folder = folder.path()});
  REQUIRE(manager.hears("READY=1"));
  daemon.signal(SIGHUP);
  REQUIRE(manager.hears("RELOADING=1"));
  CHECK(manager.hears("READY=1"));
}

}  // namespace pdf2md::tests
