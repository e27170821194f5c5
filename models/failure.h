// What a failure inside libtorch means for the worker that caught it.
#pragma once

#include <string>

#include "proto/result.h"

namespace pdf2md::models {

struct LibraryFailure {
  std::string what;            // the exception's words; only the first line is kept
  bool out_of_memory = false;  // its type says so
  int cuda_code = 0;           // cudaError_t, where the exception carries one; 0: it does not
};

// A pure function of the failure. Codes:
//   kOutOfMemory  of the host or the device. The context is sound: smaller batches may go through.
//   kDeviceFault  the CUDA context is destroyed (device-side assert, illegal access, launch
//   failure,
//                 ECC): every later call fails, so leave by _exit and never touch CUDA again.
//   kDeviceLost   the device itself is gone, or refuses everybody.
//   kInternal     anything else: a fault of this input or of the model; the next call may go
//   through.
Error classify(const LibraryFailure& failure);

// The exception that is being handled, classified. Only while there is one: in a catch clause, or
// in a terminate handler.
Error classify_current_exception();

}  // namespace pdf2md::models
