#include "daemon/sandbox/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "daemon/sandbox/landlock.h"
#include "daemon/sandbox/seccomp_filter.h"

namespace pdf2md::sandbox {
namespace {

constexpr rlim_t kMostDescriptors = 64;

void limit_to(int resource, rlim_t most) {
  struct rlimit limit {};
  if (::getrlimit(resource, &limit) != 0) return;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most) limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(resource, &limit);
}

}  // namespace

std::string enter_sandbox(const std::vector<std::string>& readable) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit_to(RLIMIT_NOFILE, kMostDescriptors);
  limit_to(RLIMIT_NPROC, 0);
  limit_to(RLIMIT_MEMLOCK, 0);
  const int landlock = enter_landlock(readable);
  std::string holds = enter_seccomp() ? "seccomp" : "";
  if (landlock > 0) holds += (holds.empty() ? "landlock" : "+landlock") + std::to_string(landlock);
  return holds.empty() ? "none" : holds;
}

}  // namespace pdf2md::sandbox
