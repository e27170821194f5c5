// A point in the work that is queued for a device.
#pragma once

#include "models/aten.h"

namespace pdf2md::models::cuda {

class Fence {
 public:
  // Behind all that is queued on the current stream of the device. Throws c10::Error.
  explicit Fence(const at::Device& device);
  ~Fence();
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  // Sleeps until the device is there. From any thread. Throws c10::Error, also for what went wrong
  // with work before it.
  void wait() const;

 private:
  void* event_ = nullptr;
};

}  // namespace pdf2md::models::cuda
