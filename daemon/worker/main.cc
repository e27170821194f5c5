// pdf2md-worker: one device context, its readers, and what the supervisor asks of them.
//
// Usage: pdf2md-worker --parent PID, with the supervisor on descriptor 3. Not for people to start.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "daemon/worker/control.h"
#include "proto/exit_code.h"
#include "proto/version.h"

namespace {

constexpr int kControlFd = 3;

[[noreturn]] void leave(pdf2md::WorkerExit code) {
  ::_exit(static_cast<int>(code));
}

}  // namespace

int main(int argc, char** argv) {
  using pdf2md::WorkerExit;
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("pdf2md-worker %s (%s)\n", pdf2md::kVersion, pdf2md::build_id());
    return 0;
  }
  if (argc != 3 || std::strcmp(argv[1], "--parent") != 0) {
    std::fprintf(stderr,
                 "pdf2md-worker: started by pdf2mdd only (--parent PID, socket on descriptor 3)\n");
    leave(WorkerExit::kBadUsage);
  }
  // Armed before the parent is checked: whichever way it dies in between, we notice.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != std::atoi(argv[2])) leave(WorkerExit::kDrained);
  if (::fcntl(kControlFd, F_SETFD, FD_CLOEXEC) != 0) leave(WorkerExit::kBadUsage);
  ::signal(SIGPIPE, SIG_IGN);
  // Ctrl-C reaches the whole process group; the supervisor decides what it means.
  ::signal(SIGINT, SIG_IGN);
  leave(pdf2md::worker::serve(pdf2md::Fd(kControlFd)));
}
