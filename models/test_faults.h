// Real faults of a device, for programs that tests break on purpose. No program for use calls
// these, so none contains them.
#pragma once

#include <memory>

#include "models/model_set.h"

namespace pdf2md::models {

// A kernel that fails an assertion on the device: the context is destroyed. Returns what libtorch
// makes of it, classified. Only on CUDA.
Error trigger_device_assert(const DeviceInfo& device);

// All memory of the device that can be had, for as long as this lives. Only on CUDA.
class MemoryHog {
 public:
  explicit MemoryHog(const DeviceInfo& device);
  ~MemoryHog();

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace pdf2md::models
