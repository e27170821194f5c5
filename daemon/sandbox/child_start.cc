#include "daemon/sandbox/child_start.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "proto/version.h"

namespace pdf2md::sandbox {
namespace {

WorkerExit leave(WorkerExit code, const char* name, const char* why) {
  std::fprintf(stderr, "%s: %s\n", name, why);
  return code;
}

}  // namespace

std::optional<WorkerExit> refuse_start(int argc, char** argv, const char* name) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("%s %s (build %s)\n", name, kVersion, build_id());
    return WorkerExit::kDrained;
  }
  if (argc != 3 || std::strcmp(argv[1], "--parent") != 0) {
    return leave(WorkerExit::kBadUsage, name,
                 "started by pdf2md-worker, not by hand (usage: --parent PID)");
  }
  // First the signal, then the question: a parent that dies in between is noticed by one of the
  // two.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != std::atoi(argv[2]))
    return leave(WorkerExit::kDrained, name, "its parent is gone");
  int type = 0;
  socklen_t length = sizeof type;
  if (::getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
    return leave(WorkerExit::kBadUsage, name, "descriptor 3 is not a stream socket");
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  return std::nullopt;
}

std::string program_path() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

}  // namespace pdf2md::sandbox
