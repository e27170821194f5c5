// What the daemon does while its journal cannot be written: nothing that would need it.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

// Holds the lock of SQLite's write-ahead log, so that nobody can write to the journal.
class JournalLock {
 public:
  explicit JournalLock(const Daemon& daemon)
      : file_(::open((daemon.state() + "/journal.db-shm").c_str(), O_RDWR | O_CLOEXEC)) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 120;  // WAL_WRITE_LOCK, see "WAL-mode File Format"
    lock.l_len = 1;
    REQUIRE(::fcntl(file_.get(), F_SETLKW, &lock) == 0);
  }

 private:
  Fd file_;
};

uint64_t begun_job(Client& client) {
  uint64_t job = client.submit("slow=30", 5);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done >= 3; });
  return job;
}

}  // namespace

TEST_CASE("a finished job's document stays until the journal knows that it is finished") {
  TemporaryFolder folder;
  uint64_t job = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    job = begun_job(client);
    JournalLock lock(daemon);
    client.wait_until_over(job);
    std::string files = daemon.state() + "/jobs/" + std::to_string(job);
    CHECK(std::filesystem::exists(files + "/document"));
    CHECK(std::filesystem::exists(files + "/pages"));
    daemon.signal(SIGKILL);
    daemon.wait();
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(5));
}

}  // namespace pdf2md::tests
