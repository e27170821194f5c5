// How a program begins that a worker runs on a document.
#pragma once

#include <optional>
#include <string>

#include "proto/exit_code.h"

namespace pdf2md::sandbox {

constexpr int kSocket = 3;

// The program was started as `NAME --parent PID`, with a stream socket as descriptor 3. It is
// killed when its parent's thread ends. A code: leave with it; why is said on stderr, and
// `NAME --version` on stdout.
std::optional<WorkerExit> refuse_start(int argc, char** argv, const char* name);

// The path of this program; empty where /proc does not tell.
std::string program_path();

}  // namespace pdf2md::sandbox
