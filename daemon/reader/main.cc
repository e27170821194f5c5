// pdf2md-reader: opens one untrusted document at a time for its worker.
//
//   pdf2md-reader --parent PID
//
// Descriptor 3 is a socket that speaks proto/reader_messages.h. Exit codes: WorkerExit of
// proto/exit_code.h.
//
// This program is linked with poppler, and therefore distributed under the GPL.
#include <unistd.h>

#include "daemon/reader/faults.h"
#include "daemon/reader/pdf_document.h"
#include "daemon/reader/readable_paths.h"
#include "daemon/reader/session.h"
#include "daemon/reader/xml_tree.h"
#include "daemon/sandbox/child_start.h"
#include "daemon/sandbox/process_limits.h"
#include "daemon/sandbox/sandbox.h"
#include "proto/reader_messages.h"

int main(int argc, char** argv) {
  using namespace pdf2md;
  if (std::optional<WorkerExit> refused = sandbox::refuse_start(argc, argv, "pdf2md-reader"))
    return static_cast<int>(*refused);
  sandbox::prepare_process();
  reader::prepare_poppler();
  reader::prepare_xml();
  // Everything that the libraries need from outside is open, or may be read, from here on.
  std::string holds = "off";
  if (reader::wants_sandbox())
    holds = sandbox::enter_sandbox(reader::readable_paths(sandbox::program_path()));
  proto::Channel channel{Fd(sandbox::kSocket)};
  // A parent that does not hear it has gone, which serve() notices.
  (void)channel.send(proto::ReaderHello{holds});
  reader::Session session{std::move(channel)};
  WorkerExit code = session.serve();
  // poppler's destructors have nothing to save, and the document may have confused them.
  ::_exit(static_cast<int>(code));
}
