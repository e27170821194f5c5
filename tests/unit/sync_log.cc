#include "tests/unit/sync_log.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>

namespace pdf2md::test {
namespace {

std::mutex mutex;
bool noting = false;
std::vector<std::string> noted;

void note(const std::string& entry) {
  std::lock_guard<std::mutex> lock(mutex);
  if (noting) noted.push_back(entry);
}

void note_sync(int fd) {
  char path[4096];
  ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  if (size > 0) note("fsync " + std::string(path, static_cast<size_t>(size)));
}

}  // namespace

SyncLog::SyncLog() {
  std::lock_guard<std::mutex> lock(mutex);
  noting = true;
  noted.clear();
}

SyncLog::~SyncLog() {
  std::lock_guard<std::mutex> lock(mutex);
  noting = false;
}

std::vector<std::string> SyncLog::entries() const {
  std::lock_guard<std::mutex> lock(mutex);
  return noted;
}

bool SyncLog::has_in_order(const std::vector<std::string>& wanted) const {
  size_t found = 0;
  for (const std::string& entry : entries()) {
    if (found < wanted.size() && entry == wanted[found]) ++found;
  }
  return found == wanted.size();
}

}  // namespace pdf2md::test

// The program's own definitions come before the C library's, for the libraries that it uses as
// well.
extern "C" {

int fsync(int fd) {
  pdf2md::test::note_sync(fd);
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

int fdatasync(int fd) {
  pdf2md::test::note_sync(fd);
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int rename(const char* from, const char* to) noexcept {
  pdf2md::test::note(std::string("rename ") + from + " " + to);
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
}
