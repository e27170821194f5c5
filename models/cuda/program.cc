#include "models/cuda/program.h"

#include <ATen/Parallel.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include "models/cuda/driver.h"

namespace pdf2md::models::cuda {
namespace {

// The parts of nvrtc.h that are used, which are stable; it belongs to a package that a machine without
// a GPU does not get. Every function returns 0 for success.
struct Compiler {
  int (*create)(void** program, const char* source, const char* name, int headers,
                const char* const* header_texts, const char* const* header_names);
  int (*compile)(void* program, int options, const char* const* texts);
  int (*code_size)(void* program, size_t* bytes);
  int (*code)(void* program, char* to);
  int (*log_size)(void* program, size_t* bytes);
  int (*log)(void* program, char* to);
  int (*destroy)(void** program);
};

// Of the version of CUDA that libtorch_cuda is built for.
const std::string kCompiler = "libnvrtc.so.13";

constexpr int kComputeCapabilityMajor = 75, kComputeCapabilityMinor = 76;

const Compiler& compiler() {
  static const Compiler functions = [] {
    void* library = dlopen(beside_libtorch("../../nvidia/cu13/lib/" + kCompiler).c_str(), RTLD_NOW);
    if (library == nullptr) library = dlopen(kCompiler.c_str(), RTLD_NOW);
    TORCH_CHECK(library != nullptr, "NVRTC cannot be loaded: ", dlerror());
    Compiler out{};
    resolve(library, "nvrtcCreateProgram", out.create);
    resolve(library, "nvrtcCompileProgram", out.compile);
    resolve(library, "nvrtcGetCUBINSize", out.code_size);
    resolve(library, "nvrtcGetCUBIN", out.code);
    resolve(library, "nvrtcGetProgramLogSize", out.log_size);
    resolve(library, "nvrtcGetProgramLog", out.log);
    resolve(library, "nvrtcDestroyProgram", out.destroy);
    return out;
  }();
  return functions;
}

std::pair<int, int> compute_capability(int number) {
  int device = 0, major = 0, minor = 0;
  check(driver().start(0), "starting the driver");
  check(driver().device(&device, number), "asking for the device");
  check(driver().attribute(&major, kComputeCapabilityMajor, device), "asking the device");
  check(driver().attribute(&minor, kComputeCapabilityMinor, device), "asking the device");
  return {major, minor};
}

}  // namespace

bool has_half_tensor_cores(int device) {
  return compute_capability(device).first >= 8;
}

std::string beside_libtorch(const std::string& path) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&at::get_num_threads), &info) == 0 ||
      info.dli_fname == nullptr)
    return path;
  const std::string library = info.dli_fname;
  return library.substr(0, library.rfind('/') + 1) + path;
}

std::vector<char> compile(const std::string& source, int device,
                          const std::vector<std::string>& more_options) {
  const Compiler& nvrtc = compiler();
  const auto [major, minor] = compute_capability(device);
  const std::string target =
      "--gpu-architecture=sm_" + std::to_string(major) + std::to_string(minor);
  std::vector<const char*> options = {target.c_str(), "--std=c++17"};
  for (const std::string& option : more_options) options.push_back(option.c_str());
  void* program = nullptr;
  TORCH_CHECK(nvrtc.create(&program, source.c_str(), "pdf2md", 0, nullptr, nullptr) == 0,
              "NVRTC takes no program");
  const std::unique_ptr<void*, void (*)(void**)> guard(
      &program, [](void** held) { compiler().destroy(held); });
  if (nvrtc.compile(program, static_cast<int>(options.size()), options.data()) != 0) {
    size_t bytes = 0;
    nvrtc.log_size(program, &bytes);
    std::string log(bytes, '\0');
    if (bytes > 0) nvrtc.log(program, log.data());
    TORCH_CHECK(false, "NVRTC: ", log);
  }
  size_t bytes = 0;
  TORCH_CHECK(nvrtc.code_size(program, &bytes) == 0 && bytes > 0, "NVRTC gives no code");
  std::vector<char> code(bytes);
  TORCH_CHECK(nvrtc.code(program, code.data()) == 0, "NVRTC gives no code");
  return code;
}

struct Program::Handles {
  void* module = nullptr;
  std::vector<void*> functions;
};

Program::Program(const std::vector<char>& code, const std::vector<std::string>& functions)
    : handles_(std::make_unique<Handles>()) {
  check(driver().load(&handles_->module, code.data()), "loading a program");
  for (const std::string& name : functions) {
    void* function = nullptr;
    check(driver().function(&function, handles_->module, name.c_str()), name.c_str());
    handles_->functions.push_back(function);
  }
}

Program::~Program() {
  if (handles_->module != nullptr) driver().unload(handles_->module);
}

void Program::launch(size_t function, const at::Device& device, Extent grid, unsigned threads,
                     const std::vector<void*>& arguments) const {
  const c10::impl::VirtualGuardImpl guard(device.type());
  void* stream = guard.getStream(device).native_handle();
  check(driver().launch(handles_->functions.at(function), grid.x, grid.y, 1, threads, 1, 1, 0,
                        stream, const_cast<void**>(arguments.data()), nullptr),
        "starting a kernel");
}

}  // namespace pdf2md::models::cuda
