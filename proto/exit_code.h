// Exit codes are part of the protocol between supervisor and worker, worker and reader, and between
// pdf2mdctl and the scripts that call it. Numbers are never reused.
#pragma once

namespace pdf2md {

// pdf2md-worker and pdf2md-reader. 0–9 are ordinary ends; 64 and up are reasons.
enum class WorkerExit : int {
  kDrained = 0,       // asked to stop, or its parent left: finished what it had
  kBadUsage = 64,     // wrong arguments or descriptor 3 missing: broken, no respawn
  kBadConfig = 65,    // a setting that cannot work: broken, no respawn
  kBadModel = 66,     // a model is missing, altered or cannot run: broken, no respawn
  kNoDevice = 67,     // the device asked for is not there, yet or any more: respawn with backoff
  kDeviceFault = 68,  // device-side assert or illegal access: the context is gone, respawn at once
  kOutOfMemory = 69,  // host or device memory is exhausted beyond the smallest batch: respawn
  kProtocol = 70,     // the supervisor sent something this build does not know: broken
  kInternal = 71,     // a bug of ours
};

// pdf2mdctl
enum class CtlExit : int {
  kOk = 0,
  kFailed = 1,  // the document, or at least one of several, could not be converted
  kUsage = 2,
  kNoDaemon = 3,
  kPartlyFailed = 4,  // converted, but some pages failed or were degraded
};

}  // namespace pdf2md
