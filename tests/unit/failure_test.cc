#include "models/failure.h"

#include <catch2/catch.hpp>

using pdf2md::ErrorCode;
using pdf2md::models::classify;

namespace {

ErrorCode by_words(const char* what) {
  return classify({what, false, 0}).code;
}
ErrorCode by_code(int cuda_code) {
  return classify({"CUDA error: something", false, cuda_code}).code;
}

}  // namespace

TEST_CASE("out of memory is told by type, by number and by words") {
  CHECK(classify({"anything", true, 0}).code == ErrorCode::kOutOfMemory);
  CHECK(by_code(2) == ErrorCode::kOutOfMemory);
  for (const char* what :
       {"CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139 GiB",
        "CUDA error: out of memory", "std::bad_alloc",
        ("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate "
         "memory: "
         "you tried to allocate 8000000000 bytes."),
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "GET was unable to find an engine to execute this computation after trying 9 plans.",
        "Unable to find a valid cuDNN algorithm to run convolution"}) {
    INFO(what);
    CHECK(by_words(what) == ErrorCode::kOutOfMemory);
  }
}

TEST_CASE("what destroys the context is told apart from what the device survives") {
  for (const char* what :
       {"CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously",
        "CUDA error: an illegal memory access was encountered",
        "CUDA error: unspecified launch failure", "CUDA error: uncorrectable ECC error encountered",
        "CUDA driver error: misaligned address", "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"}) {
    INFO(what);
    CHECK(by_words(what) == ErrorCode::kDeviceFault);
  }
  for (int code : {214, 700, 702, 710, 715, 716, 718, 719, 999})
    CHECK(by_code(code) == ErrorCode::kDeviceFault);
}

TEST_CASE("a device that is gone is lost for a new process too") {
  for (const char* what : {"CUDA error: no CUDA-capable device is detected",
                           "CUDA error: CUDA-capable device(s) is/are busy or unavailable",
                           "CUDA error: the GPU has fallen off the bus",
                           "CUDA error: device is no longer available"}) {
    INFO(what);
    CHECK(by_words(what) == ErrorCode::kDeviceLost);
  }
  CHECK(by_code(46) == ErrorCode::kDeviceLost);
  CHECK(by_code(100) == ErrorCode::kDeviceLost);
}

TEST_CASE("anything else is a fault of the model or its input") {
  CHECK(by_words("expected scalar type Half but found Float") == ErrorCode::kInternal);
  CHECK(by_words("CUDA error: invalid argument") == ErrorCode::kInternal);
  CHECK(by_code(9) == ErrorCode::kInternal);
  CHECK(classify({"", false, 0}).code == ErrorCode::kInternal);
}

TEST_CASE("only the first line of a failure is told") {
  CHECK(classify({"CUDA error: out of memory\nCompile with TORCH_USE_CUDA_DSA", false, 2})
            .message.find("Compile") == std::string::npos);
}
