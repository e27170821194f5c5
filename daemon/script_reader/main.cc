// pdf2md-script-reader: reads lines of text in scripts that the shipped recogniser does not know,
// by Tesseract, for its worker.
//
//   pdf2md-script-reader --parent PID
//
// Descriptor 3 is a socket that speaks proto/script_messages.h. Exit codes: WorkerExit of
// proto/exit_code.h. OMP_THREAD_LIMIT has to be 1: a confined process starts no threads.
#include <fcntl.h>
#include <unistd.h>

#include "daemon/sandbox/child_start.h"
#include "daemon/sandbox/process_limits.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/script_reader/session.h"
#include "daemon/script_reader/tessdata.h"
#include "proto/reader_messages.h"

int main(int argc, char** argv) {
  using namespace pdf2md;
  if (std::optional<WorkerExit> refused = sandbox::refuse_start(argc, argv, "pdf2md-script-reader"))
    return static_cast<int>(*refused);
  sandbox::prepare_process();
  const std::string folder = script_reader::data_folder(sandbox::program_path());
  // Tesseract tells stderr of every line that it finds empty.
  Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere.valid()) ::dup2(nowhere.get(), STDERR_FILENO);
  const std::string holds = sandbox::enter_sandbox({folder});
  proto::Channel channel{Fd(sandbox::kSocket)};
  // A parent that does not hear it has gone, which serve() notices.
  (void)channel.send(proto::ReaderHello{holds});
  script_reader::Session session{std::move(channel), folder};
  // Tesseract's destructors have nothing to save.
  ::_exit(static_cast<int>(session.serve()));
}
