// Which daemon: the one that was named, else the system's, else the user's own service,
// else the private one.
#pragma once

#include "ctl/args.h"
#include "ctl/connection.h"
#include "ctl/reporter.h"

namespace pdf2md::ctl {

constexpr const char* kSystemSocket = "/run/pdf2md/pdf2md.sock";

// may_start: a private daemon is started where none answers and none was named.
// Errors: kNoDaemon, kCancelled, and those of the handshake.
Result<Connection> find_daemon(const Options& options, bool may_start, Reporter& reporter);

}  // namespace pdf2md::ctl
