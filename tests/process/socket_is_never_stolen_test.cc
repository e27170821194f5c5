#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("a second daemon on the same socket says who holds it, and leaves the first alone") {
  Daemon first;
  Output second =
      run_daemon({"--socket", first.socket(), "--state", first.folder() + "/other-state",
                  "--worker-program", program("fake-worker")});
  CHECK(second.exit_code == 1);
  CHECK(second.text.find("process " + std::to_string(first.pid())) != std::string::npos);
  CHECK(Client(first).health().pool_size == 1);
}

TEST_CASE("a second daemon on the same state folder is refused as well") {
  Daemon first;
  Output second = run_daemon({"--socket", first.folder() + "/other-socket", "--state",
                              first.state(), "--worker-program", program("fake-worker")});
  CHECK(second.exit_code == 1);
  CHECK(second.text.find("state folder") != std::string::npos);
  CHECK(second.text.find("process " + std::to_string(first.pid())) != std::string::npos);
}

TEST_CASE("a socket that a killed daemon left is replaced") {
  TemporaryFolder folder;
  {
    Daemon first({.folder = folder.path()});
    first.signal(SIGKILL);
    first.wait();
  }
  REQUIRE(::access((folder.path() + "/socket").c_str(), F_OK) == 0);
  Daemon second({.folder = folder.path()});
  REQUIRE(second.serving());
  Client client(second);
  CHECK(client.wait_until_over(client.submit("a.pdf", 1)).state == proto::JobState::kDone);
}

TEST_CASE("what is not a socket is not removed") {
  TemporaryFolder folder;
  REQUIRE(write_file_durably(folder.path() + "/socket", "precious").ok());
  Output daemon =
      run_daemon({"--socket", folder.path() + "/socket", "--state", folder.path() + "/state",
                  "--worker-program", program("fake-worker")});
  CHECK(daemon.exit_code == 1);
  CHECK(*read_file(folder.path() + "/socket", 100) == "precious");
}

TEST_CASE("the socket has the mode asked for, and its folder is private") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/new/folder/socket";
  Daemon daemon(
      {.arguments = {"--socket", path, "--set", "socket.mode=0600"}, .folder = folder.path()});
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat((folder.path() + "/new/folder").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

}  // namespace pdf2md::tests
