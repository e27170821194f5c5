// The worker's conversation with its supervisor: configure, load, then tasks until drained.
#pragma once

#include "proto/exit_code.h"
#include "proto/fd.h"

namespace pdf2md::worker {

// Returns what the process is to exit with; the caller leaves by _exit, since a CUDA context that
// has failed must not be torn down.
WorkerExit serve(Fd control);

}  // namespace pdf2md::worker
