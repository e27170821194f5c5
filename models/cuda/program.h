// A program for the device, compiled from its source at run time with NVRTC, the compiler that comes
// with CUDA's libraries: no nvcc is needed, and the code fits the device it runs on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

struct Extent {
  unsigned x = 1, y = 1;
};

// A file's path from the folder of libtorch; the path itself where that is not known.
std::string beside_libtorch(const std::string& path);

// Does it have the tensor cores' product of 16 x 16 by 16 x 8 numbers in half precision (compute
// capability 8.0)? Throws c10::Error.
bool has_half_tensor_cores(int device);

// Machine code for the device of this number. Needs no context, so it can run while one is made.
// `options`: of the compiler. Throws c10::Error with the compiler's words; where there is no compiler
// or no driver as well.
std::vector<char> compile(const std::string& source, int device,
                          const std::vector<std::string>& options = {});

class Program {
 public:
  // `functions`: the names of its kernels, which are extern "C". It belongs to the context that is
  // current. Throws c10::Error.
  Program(const std::vector<char>& code, const std::vector<std::string>& functions);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Queues a kernel on the current stream of the device. `arguments` point to its parameters, which
  // are copied. Throws c10::Error.
  void launch(size_t function, const at::Device& device, Extent grid, unsigned threads,
              const std::vector<void*>& arguments) const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace pdf2md::models::cuda
