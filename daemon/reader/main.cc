// pdf2md-reader: opens one untrusted document at a time for its worker.
//
//   pdf2md-reader --parent PID
//
// Descriptor 3 is a socket that speaks proto/reader_messages.h. Exit codes: WorkerExit of
// proto/exit_code.h.
//
// This program is linked with poppler, and therefore distributed under the GPL.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "daemon/reader/faults.h"
#include "daemon/reader/pdf_document.h"
#include "daemon/reader/process_limits.h"
#include "daemon/reader/sandbox.h"
#include "daemon/reader/session.h"
#include "proto/reader_messages.h"
#include "proto/version.h"

namespace {

using pdf2md::WorkerExit;

constexpr int kSocket = 3;

int leave(WorkerExit code, const char* why) {
  std::fprintf(stderr, "pdf2md-reader: %s\n", why);
  return static_cast<int>(code);
}

std::string program_path() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("pdf2md-reader %s (build %s)\n", pdf2md::kVersion, pdf2md::build_id());
    return 0;
  }
  if (argc != 3 || std::strcmp(argv[1], "--parent") != 0) {
    return leave(WorkerExit::kBadUsage,
                 "started by pdf2md-worker, not by hand (usage: --parent PID)");
  }
  // First the signal, then the question: a parent that dies in between is noticed by one of the
  // two.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != std::atoi(argv[2])) return leave(WorkerExit::kDrained, "its parent is gone");
  int type = 0;
  socklen_t length = sizeof type;
  if (::getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) {
    return leave(WorkerExit::kBadUsage, "descriptor 3 is not a stream socket");
  }
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  pdf2md::reader::prepare_process();
  pdf2md::reader::prepare_poppler();
  // Everything that poppler needs from outside is open, or may be read, from here on.
  std::string holds = "off";
  if (pdf2md::reader::wants_sandbox())
    holds = pdf2md::reader::enter_sandbox(pdf2md::reader::readable_paths(program_path()));
  pdf2md::proto::Channel channel{pdf2md::Fd(kSocket)};
  // A parent that does not hear it has gone, which serve() notices.
  (void)channel.send(pdf2md::proto::ReaderHello{holds});
  pdf2md::reader::Session session{std::move(channel)};
  WorkerExit code = session.serve();
  // poppler's destructors have nothing to save, and the document may have confused them.
  ::_exit(static_cast<int>(code));
}
