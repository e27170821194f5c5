// Choosing and initialising the device.
#include "models/aten.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <charconv>
#include <cstdlib>
#include <future>

#include "models/cuda/attention.h"
#include "models/cuda/best_class.h"
#include "models/cuda/channels_last.h"
#include "models/cuda/convolution.h"
#include "models/cuda/depthwise.h"
#include "models/cuda/driver.h"
#include "models/cuda/gate.h"
#include "models/cuda/image_kernels.h"
#include "models/cuda/program.h"
#include "models/device_holders.h"
#include "models/model_set.h"

namespace pdf2md::models {

namespace {

// Loads libtorch_cuda, which registers itself. This must come before the first question to ATen
// about CUDA: the answer is remembered. Returns why it cannot be used; empty: it is loaded.
std::string load_cuda() {
  // Beside libtorch_cpu, else wherever the loader finds it.
  const std::string beside = cuda::beside_libtorch("libtorch_cuda.so");
  if (dlopen(beside.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
  const char* first = dlerror();
  const std::string reason = first == nullptr ? "" : first;
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
  return "libtorch_cuda cannot be loaded: " + reason;
}

// The driver's own name of the device; "CUDA device" where it does not tell.
std::string device_name(int index) {
  using GetDevice = int (*)(int*, int);
  using GetName = int (*)(char*, int, int);
  void* driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (driver != nullptr) {
    const auto get_device = reinterpret_cast<GetDevice>(dlsym(driver, "cuDeviceGet"));
    const auto get_name = reinterpret_cast<GetName>(dlsym(driver, "cuDeviceGetName"));
    int device = 0;
    char name[256] = {};
    if (get_device != nullptr && get_name != nullptr && get_device(&device, index) == 0 &&
        get_name(name, sizeof name - 1, device) == 0) {
      return name;
    }
  }
  return "CUDA device";
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// Our own kernels.
struct KernelSet {
  std::vector<char> (*compile)(int device);
  void (*load)(const std::vector<char>& code);
};
constexpr KernelSet kKernelSets[] = {
    {cuda::compile_depthwise, cuda::load_depthwise},
    {cuda::compile_convolution, cuda::load_convolution},
    {cuda::compile_channels_last, cuda::load_channels_last},
    {cuda::compile_gate, cuda::load_gate},
    {cuda::compile_attention, cuda::load_attention},
    {cuda::compile_best_class, cuda::load_best_class},
    {cuda::compile_image_kernels, cuda::load_image_kernels},
};

// Makes the device ready, with a real computation on it. Returns why it cannot be used; empty: it
// can.
std::string start_cuda(int index) {
  // Without a driver there is nothing to load 450 MB for.
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return "no NVIDIA driver is installed";
  // Through its newer interface cuDNN compiles a plan for every new shape, which takes 0.1 to 1 s:
  // a worker was ready after 8 s instead of 2, and a page of a new size cost 2 s. The older one has
  // its kernels built in; what it is slow at we do ourselves (models/cuda/depthwise.h).
  ::setenv("TORCH_CUDNN_V8_API_DISABLED", "1", 0);
  // Compiled while libtorch_cuda is loaded and the context made: either takes about as long.
  std::vector<std::pair<const KernelSet*, std::future<std::vector<char>>>> kernels;
  for (const KernelSet& set : kKernelSets)
    kernels.emplace_back(&set, std::async(std::launch::async, set.compile, index));
  std::string problem = load_cuda();
  if (!problem.empty()) return problem;
  try {
    if (!at::hasCUDA()) return "libtorch_cuda did not register itself";
    const int count = int{at::detail::getCUDAHooks().deviceCount()};
    if (count == 0)
      return "the NVIDIA driver shows no device (is it older than 580, or the device not yet up?)";
    if (index >= count)
      return "there are only " + std::to_string(count) + " CUDA devices, numbered from 0";
    cuda::sleep_while_waiting(index);
    at::globalContext().lazyInitDevice(at::kCUDA);
    // No choice of algorithms by timing or by chance: the same input gives the same bytes.
    at::globalContext().setBenchmarkCuDNN(false);
    at::globalContext().setDeterministicCuDNN(true);
    const at::Device device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
    const at::Tensor one = at::ones({2, 2}, at::TensorOptions(device).dtype(at::kHalf));
    if (at::matmul(one, one).sum().item<float>() != 8)
      return "a test computation gave a wrong result";
    for (auto& [set, code] : kernels) set->load(code.get());
  } catch (const c10::Error& error) {
    return first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return first_line(error.what());
  }
  return {};
}

DeviceInfo cpu(std::string note) {
  DeviceInfo info;
  info.id = "cpu";
  info.name = "CPU, " + at::get_cpu_capability();
  info.note = std::move(note);
  return info;
}

}  // namespace

Result<DeviceInfo> open_device(const std::string& wanted) {
  if (wanted == "cpu") return cpu("");
  int index = 0;
  bool known = wanted == "auto" || wanted == "cuda";
  if (wanted.starts_with("cuda:")) {
    const char* end = wanted.data() + wanted.size();
    const auto [stop, problem] = std::from_chars(wanted.data() + 5, end, index);
    known = problem == std::errc() && stop == end && index >= 0 && index < 64;
  }
  if (!known) {
    return Error{ErrorCode::kBadOptions, "\"" + wanted + "\" names no device",
                 "use auto, cpu, cuda or cuda:N"};
  }
  const DeviceHolders before = device_holders(index);
  const std::string problem = start_cuda(index);
  if (problem.empty()) {
    DeviceInfo info;
    info.id = "cuda:" + std::to_string(index);
    info.name = device_name(index);
    info.cuda = true;
    info.total_bytes = before.total_bytes;
    info.free_bytes = before.free_bytes;
    info.held_by = before.held_by;
    return info;
  }
  if (wanted == "auto") return cpu("running on the CPU: " + problem);
  return Error{ErrorCode::kDeviceLost, wanted + " cannot be used: " + problem,
               "install the driver and the CUDA libraries (make deps CUDA=1), or use device = "
               "\"auto\" or \"cpu\""};
}

}  // namespace pdf2md::models
