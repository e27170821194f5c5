#include "daemon/reader/process_limits.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "proto/exit_code.h"

namespace pdf2md::reader {
namespace {

// poppler's gmalloc() prints a line and aborts where malloc() returned nullptr; errno still says
// why. Any other abort() keeps its signal, so that the parent sees a crash as a crash.
void on_abort(int number) {
  if (errno == ENOMEM) ::_exit(static_cast<int>(WorkerExit::kOutOfMemory));
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

void prepare_process() {
  struct rlimit none {
    0, 0
  };
  ::setrlimit(RLIMIT_CORE, &none);
  struct sigaction action {};
  action.sa_handler = on_abort;
  ::sigaction(SIGABRT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void limit_memory(uint64_t bytes, uint64_t mapped_bytes) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0) return;
  // Only the soft limit: the next document may come with a larger one.
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes + mapped_bytes;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
    limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_AS, &limit);
}

uint64_t file_size(const Fd& file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  return static_cast<uint64_t>(info.st_size);
}

void forget_allocation_failures() {
  errno = 0;
}

void leave_out_of_memory() {
  ::_exit(static_cast<int>(WorkerExit::kOutOfMemory));
}

}  // namespace pdf2md::reader
