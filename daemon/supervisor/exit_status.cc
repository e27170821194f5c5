#include "daemon/supervisor/exit_status.h"

#include <sys/wait.h>

#include <cstring>

#include "proto/exit_code.h"

namespace pdf2md::supervisor {
namespace {

const char* meaning(int code) {
  switch (static_cast<WorkerExit>(code)) {
    case WorkerExit::kDrained:
      return "drained";
    case WorkerExit::kBadUsage:
      return "bad usage";
    case WorkerExit::kBadConfig:
      return "bad configuration";
    case WorkerExit::kBadModel:
      return "bad model";
    case WorkerExit::kNoDevice:
      return "no device";
    case WorkerExit::kDeviceFault:
      return "device fault";
    case WorkerExit::kOutOfMemory:
      return "out of memory";
    case WorkerExit::kProtocol:
      return "protocol";
    case WorkerExit::kInternal:
      return "internal error";
  }
  return "unknown";
}

}  // namespace

ExitStatus ExitStatus::from_wait(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {true, WTERMSIG(wait_status)};
  return {false, WEXITSTATUS(wait_status)};
}

Ending ExitStatus::ending() const {
  if (signalled) return Ending::kDied;
  switch (static_cast<WorkerExit>(number)) {
    case WorkerExit::kDrained:
      return Ending::kDrained;
    case WorkerExit::kBadUsage:
    case WorkerExit::kBadConfig:
    case WorkerExit::kBadModel:
    case WorkerExit::kProtocol:
      return Ending::kHopeless;
    case WorkerExit::kNoDevice:
      return Ending::kNoDevice;
    case WorkerExit::kDeviceFault:
    case WorkerExit::kOutOfMemory:
    case WorkerExit::kInternal:
      return Ending::kDied;
  }
  return Ending::kDied;
}

std::string ExitStatus::text() const {
  if (signalled) return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  return "exit " + std::to_string(number) + " (" + meaning(number) + ")";
}

}  // namespace pdf2md::supervisor
