#include "models/device_holders.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>

namespace pdf2md::models {
namespace {

// Of nvml.h and cuda.h: their ABI, since neither header is needed for anything else.
struct NvmlMemory {
  unsigned long long total, free, used;
};
struct NvmlProcess {
  unsigned int pid;
  unsigned long long used_bytes;
  unsigned int gpu_instance, compute_instance;
};
using NvmlDevice = void*;

class Library {
 public:
  explicit Library(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}
  // Stays loaded: the drivers' libraries do not bear being unloaded.
  template <class Function>
  Function* find(const char* name) const {
    return handle_ == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(handle_, name));
  }

 private:
  void* handle_;
};

// "0000:1B:00.0"; empty where the driver does not tell.
std::string bus_id(int index) {
  const Library cuda("libcuda.so.1");
  const auto init = cuda.find<int(unsigned int)>("cuInit");
  const auto get_device = cuda.find<int(int*, int)>("cuDeviceGet");
  const auto get_bus_id = cuda.find<int(char*, int, int)>("cuDeviceGetPCIBusId");
  std::array<char, 32> text{};
  int device = 0;
  if (init == nullptr || get_device == nullptr || get_bus_id == nullptr || init(0) != 0 ||
      get_device(&device, index) != 0 ||
      get_bus_id(text.data(), static_cast<int>(text.size()), device) != 0) {
    return {};
  }
  return text.data();
}

std::string processes_on(const Library& nvml, NvmlDevice device) {
  const auto running = nvml.find<int(NvmlDevice, unsigned int*, NvmlProcess*)>(
      "nvmlDeviceGetComputeRunningProcesses_v3");
  std::array<NvmlProcess, 64> processes{};
  unsigned int count = processes.size();
  if (running == nullptr || running(device, &count, processes.data()) != 0) return {};
  std::string pids;
  unsigned int others = 0;
  for (unsigned int i = 0; i < count && i < processes.size(); ++i) {
    if (processes[i].pid == static_cast<unsigned int>(::getpid())) continue;
    pids += (pids.empty() ? "" : ", ") + std::to_string(processes[i].pid);
    ++others;
  }
  if (others == 0) return {};
  return std::to_string(others) +
         (others == 1 ? " other process (pid " : " other processes (pid ") + pids + ")";
}

}  // namespace

DeviceHolders device_holders(int index) {
  DeviceHolders holders;
  const std::string bus = bus_id(index);
  const Library nvml("libnvidia-ml.so.1");
  const auto init = nvml.find<int()>("nvmlInit_v2");
  const auto by_bus = nvml.find<int(const char*, NvmlDevice*)>("nvmlDeviceGetHandleByPciBusId_v2");
  const auto get_memory = nvml.find<int(NvmlDevice, NvmlMemory*)>("nvmlDeviceGetMemoryInfo");
  if (bus.empty() || init == nullptr || by_bus == nullptr || get_memory == nullptr || init() != 0)
    return holders;
  NvmlDevice device = nullptr;
  NvmlMemory memory{};
  if (by_bus(bus.c_str(), &device) == 0 && get_memory(device, &memory) == 0) {
    holders = {memory.total, memory.free, processes_on(nvml, device)};
  }
  if (const auto shutdown = nvml.find<int()>("nvmlShutdown"); shutdown != nullptr) shutdown();
  return holders;
}

}  // namespace pdf2md::models
