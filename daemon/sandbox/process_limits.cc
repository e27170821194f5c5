#include "daemon/sandbox/process_limits.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>

#include "proto/exit_code.h"

namespace pdf2md::sandbox {
namespace {

// Address space of the program itself, before it has opened any document.
uint64_t own_bytes = 0;

uint64_t address_space_bytes() {
  Result<std::string> statm = read_file("/proc/self/statm", 4096);
  if (!statm) return 0;
  return std::strtoull(statm->c_str(), nullptr, 10) *
         static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Libraries print a line and abort where malloc() returned nullptr (poppler's gmalloc(), and the
// std::bad_alloc that nobody catches); errno still says why. Any other abort() keeps its signal, so that the parent sees a crash as a crash.
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
  ::signal(SIGXFSZ, SIG_IGN);
  ::tzset();
  own_bytes = address_space_bytes();
}

void limit_memory(uint64_t bytes, uint64_t mapped_bytes) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0) return;
  // Only the soft limit: the next document may come with a larger one.
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : own_bytes + bytes + mapped_bytes;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
    limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_AS, &limit);
  struct rlimit files {};
  if (::getrlimit(RLIMIT_FSIZE, &files) != 0) return;
  files.rlim_cur = bytes == 0 ? files.rlim_max : std::min<rlim_t>(files.rlim_max, bytes);
  ::setrlimit(RLIMIT_FSIZE, &files);
}

void limit_processor_time(uint32_t page_timeout_ms) {
  struct rusage used {};
  struct rlimit limit {};
  if (page_timeout_ms == 0 || ::getrusage(RUSAGE_SELF, &used) != 0 ||
      ::getrlimit(RLIMIT_CPU, &limit) != 0)
    return;
  const rlim_t so_far = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  // Only the soft limit, as above. It counts whole seconds.
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, so_far + 2 + 2 * page_timeout_ms / 1000);
  ::setrlimit(RLIMIT_CPU, &limit);
}

uint64_t file_size(const Fd& file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  return static_cast<uint64_t>(info.st_size);
}

void leave_out_of_memory() {
  ::_exit(static_cast<int>(WorkerExit::kOutOfMemory));
}

}  // namespace pdf2md::sandbox
