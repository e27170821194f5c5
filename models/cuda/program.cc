#include "models/cuda/program.h"

#include <ATen/Parallel.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

namespace pdf2md::models::cuda {
namespace {

// The parts of nvrtc.h and cuda.h that are used, which are stable; nvrtc.h belongs to a package that
// a machine without a GPU does not get. Every function returns 0 for success.
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

struct Driver {
  int (*start)(unsigned flags);
  int (*device)(int* device, int number);
  int (*attribute)(int* value, int which, int device);
  int (*load)(void** module, const void* code);
  int (*unload)(void* module);
  int (*function)(void** function, void* module, const char* name);
  int (*launch)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                unsigned block_y, unsigned block_z, unsigned shared_bytes, void* stream,
                void** arguments, void** extra);
  int (*error_text)(int code, const char** text);
};

// Of the version of CUDA that libtorch_cuda is built for.
const std::string kCompiler = "libnvrtc.so.13";

constexpr int kComputeCapabilityMajor = 75, kComputeCapabilityMinor = 76;

template <class Function>
void resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  TORCH_CHECK(function != nullptr, "CUDA's libraries lack ", name);
}

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

const Driver& driver() {
  static const Driver functions = [] {
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    TORCH_CHECK(library != nullptr, "the NVIDIA driver cannot be loaded: ", dlerror());
    Driver out{};
    resolve(library, "cuInit", out.start);
    resolve(library, "cuDeviceGet", out.device);
    resolve(library, "cuDeviceGetAttribute", out.attribute);
    resolve(library, "cuModuleLoadData", out.load);
    resolve(library, "cuModuleUnload", out.unload);
    resolve(library, "cuModuleGetFunction", out.function);
    resolve(library, "cuLaunchKernel", out.launch);
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

std::string architecture(int number) {
  int device = 0, major = 0, minor = 0;
  check(driver().start(0), "starting the driver");
  check(driver().device(&device, number), "asking for the device");
  check(driver().attribute(&major, kComputeCapabilityMajor, device), "asking the device");
  check(driver().attribute(&minor, kComputeCapabilityMinor, device), "asking the device");
  return "--gpu-architecture=sm_" + std::to_string(major) + std::to_string(minor);
}

}  // namespace

std::string beside_libtorch(const std::string& path) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&at::get_num_threads), &info) == 0 ||
      info.dli_fname == nullptr)
    return path;
  const std::string library = info.dli_fname;
  return library.substr(0, library.rfind('/') + 1) + path;
}

std::vector<char> compile(const std::string& source, int device) {
  const Compiler& nvrtc = compiler();
  const std::string target = architecture(device);
  const std::vector<const char*> options = {target.c_str(), "--std=c++17"};
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
