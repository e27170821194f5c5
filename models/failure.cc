#include "models/failure.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pdf2md::models {
namespace {

// cudaError_t of driver_types.h; the numbers are part of CUDA's ABI.
constexpr int kCudaInvalidValue = 1;
constexpr int kCudaOutOfMemory = 2;
constexpr int kCudaInvalidConfiguration = 9;
constexpr std::array kDeviceGone = {46,    // devices unavailable: busy, or taken away
                                    100,   // no device
                                    101,   // invalid device
                                    802};  // system not ready: the fabric manager is not up
constexpr std::array kCallRefused = {kCudaInvalidValue, kCudaInvalidConfiguration,
                                     209,   // no kernel image for this device
                                     701};  // launch out of resources

template <size_t N>
bool says(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != text.npos; });
}

template <size_t N>
bool is_one_of(int code, const std::array<int, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

constexpr std::array<std::string_view, 7> kOutOfMemoryWords = {
    "out of memory", "can't allocate memory", "ALLOC_FAILED", "ALLOCATION_FAILED", "std::bad_alloc",
    // libtorch tries one algorithm of cuDNN after the other and swallows that each found no memory
    // for its workspace. Either interface has words of its own for that.
    "unable to find an engine to execute", "Unable to find a valid cuDNN algorithm"};

constexpr std::array<std::string_view, 6> kDeviceGoneWords = {
    "no longer available", "fallen off the bus",  "GPU is lost",
    "no CUDA-capable",     "busy or unavailable", "system not yet initialized"};

constexpr std::array<std::string_view, 4> kCallRefusedWords = {
    "invalid argument", "invalid configuration argument", "no kernel image is available",
    "too many resources requested"};

constexpr std::array<std::string_view, 11> kFaultWords = {
    "device-side assert",  "illegal memory access",
    "illegal instruction", "misaligned address",
    "unspecified launch",  "launch failure",
    "uncorrectable ECC",   "CUDA error",
    "CUDA driver error",   "cudaError",
    "CUBLAS_STATUS"};

constexpr std::array<std::string_view, 3> kCudnnWords = {"CUDNN_STATUS", "cuDNN error",
                                                         "CUSOLVER_STATUS"};

}  // namespace

Error classify(const LibraryFailure& failure) {
  const std::string line = failure.what.substr(0, failure.what.find('\n'));
  const int code = failure.cuda_code;
  if (failure.out_of_memory || code == kCudaOutOfMemory || says(line, kOutOfMemoryWords)) {
    return Error{ErrorCode::kOutOfMemory, "a model ran out of memory: " + line,
                 "use fewer workers on this device, or smaller batches in the model manifest"};
  }
  if (is_one_of(code, kDeviceGone) || says(line, kDeviceGoneWords)) {
    return Error{ErrorCode::kDeviceLost, "the device is lost: " + line,
                 "see the kernel's log (dmesg) for what the driver says about it"};
  }
  const bool refused = is_one_of(code, kCallRefused) || says(line, kCallRefusedWords);
  if (!refused && (code != 0 || says(line, kFaultWords) || says(line, kCudnnWords))) {
    return Error{ErrorCode::kDeviceFault, "the CUDA context is destroyed: " + line,
                 "the worker must be started anew"};
  }
  return Error{ErrorCode::kInternal, "a model failed: " + line,
               "please report this, with the document"};
}

}  // namespace pdf2md::models
