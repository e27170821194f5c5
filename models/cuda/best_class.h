// The last step of a text recogniser on CUDA in half precision: a product with the weights of thousands
// of classes, of which only the best class and its probability are wanted. The product itself, a
// thousand times as large, never leaves the chip.
#pragma once

#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

// As in models/cuda/depthwise.h.
std::vector<char> compile_best_class(int device);
void load_best_class(const std::vector<char>& code);

class BestClass {
 public:
  // Can it be done here? From compute capability 8.0 on.
  static bool has(int64_t inputs);

  // weight: [classes, inputs], bias: [classes], both on the device.
  BestClass(const at::Tensor& weight, const at::Tensor& bias);

  // input: [rows, steps, inputs] in half precision. Returns [rows, steps, 2] of float: the class, the
  // first of equals, and its probability (softmax). Each step for itself, in one order. Throws
  // c10::Error.
  at::Tensor run(const at::Tensor& input) const;

 private:
  at::Tensor weight_, bias_;  // rounded up
};

}  // namespace pdf2md::models::cuda
