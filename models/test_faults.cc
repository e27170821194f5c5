#include "models/test_faults.h"

#include <ATen/DeviceAccelerator.h>

#include <vector>

#include "models/aten.h"
#include "models/failure.h"

namespace pdf2md::models {

Error trigger_device_assert(const DeviceInfo& device) {
  try {
    const at::TensorOptions on_device = at::TensorOptions(at::Device(device.id));
    const at::Tensor table = at::ones({4, 4}, on_device.dtype(at::kFloat));
    const at::Tensor beyond = at::full({1}, 1000, on_device.dtype(at::kLong));
    (void)at::index_select(table, 0, beyond).cpu();
  } catch (...) {
    return classify_current_exception();
  }
  return Error{ErrorCode::kInternal, "an index out of range was not noticed on " + device.id, ""};
}

struct MemoryHog::Blocks {
  std::vector<at::Tensor> tensors;
};

MemoryHog::MemoryHog(const DeviceInfo& device) : blocks_(std::make_unique<Blocks>()) {
  at::accelerator::emptyCache();
  const at::TensorOptions bytes = at::TensorOptions(at::Device(device.id)).dtype(at::kByte);
  for (int64_t size = int64_t{8} << 30; size >= int64_t{2} << 20;) {
    try {
      blocks_->tensors.push_back(at::empty({size}, bytes));
    } catch (const c10::OutOfMemoryError&) {
      size /= 2;
    }
  }
}

MemoryHog::~MemoryHog() {
  blocks_.reset();
  at::accelerator::emptyCache();
}

}  // namespace pdf2md::models
