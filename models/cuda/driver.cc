#include "models/cuda/driver.h"

#include <dlfcn.h>

#include "models/aten.h"

namespace pdf2md::models::cuda {
namespace {

constexpr unsigned kBlockingSync = 4;  // CU_CTX_SCHED_BLOCKING_SYNC

}  // namespace

void* resolve(void* library, const char* name) {
  void* found = dlsym(library, name);
  TORCH_CHECK(found != nullptr, "CUDA's libraries lack ", name);
  return found;
}

const Driver& driver() {
  static const Driver functions = [] {
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    TORCH_CHECK(library != nullptr, "the NVIDIA driver cannot be loaded: ", dlerror());
    Driver out{};
    resolve(library, "cuInit", out.start);
    resolve(library, "cuDeviceGet", out.device);
    resolve(library, "cuDeviceGetAttribute", out.attribute);
    resolve(library, "cuDevicePrimaryCtxSetFlags_v2", out.set_context_flags);
    resolve(library, "cuModuleLoadData", out.load);
    resolve(library, "cuModuleUnload", out.unload);
    resolve(library, "cuModuleGetFunction", out.function);
    resolve(library, "cuLaunchKernel", out.launch);
    resolve(library, "cuEventCreate", out.make_event);
    resolve(library, "cuEventRecord", out.record_event);
    resolve(library, "cuEventSynchronize", out.wait_for_event);
    resolve(library, "cuEventDestroy_v2", out.destroy_event);
    resolve(library, "cuGetErrorString", out.error_text);
    return out;
  }();
  return functions;
}

// Worded as ATen words it, so that it is classified alike (models/failure.cc).
void check(int code, const char* what) {
  if (code == 0) return;
  const char* text = nullptr;
  driver().error_text(code, &text);
  TORCH_CHECK(false, "CUDA driver error: ", text == nullptr ? "unknown" : text, " (", what, ")");
}

void sleep_while_waiting(int number) {
  int device = 0;
  check(driver().start(0), "starting the driver");
  check(driver().device(&device, number), "asking for the device");
  check(driver().set_context_flags(device, kBlockingSync), "setting up the context");
}

}  // namespace pdf2md::models::cuda
