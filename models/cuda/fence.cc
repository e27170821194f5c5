#include "models/cuda/fence.h"

#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "models/cuda/driver.h"

namespace pdf2md::models::cuda {
namespace {

// CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING
constexpr unsigned kSleepNoTiming = 1 | 2;

}  // namespace

Fence::Fence(const at::Device& device) {
  check(driver().make_event(&event_, kSleepNoTiming), "making an event");
  const c10::impl::VirtualGuardImpl guard(device.type());
  void* stream = guard.getStream(device).native_handle();
  if (const int code = driver().record_event(event_, stream); code != 0) {
    driver().destroy_event(event_);
    check(code, "recording an event");
  }
}

Fence::~Fence() {
  driver().destroy_event(event_);
}

void Fence::wait() const {
  check(driver().wait_for_event(event_), "waiting for the device");
}

}  // namespace pdf2md::models::cuda
