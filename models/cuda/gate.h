// Squeeze and excitation on CUDA in channels_last half precision: each channel of an image times a factor
// that two small products make of the means of all channels. (Hu and others, "Squeeze-and-Excitation
// Networks", 2018.)
#pragma once

#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

// As in models/cuda/depthwise.h.
std::vector<char> compile_gate(int device);
void load_gate(const std::vector<char>& code);

class Gate {
 public:
  static bool has(int64_t channels, int64_t hidden);

  // first: [hidden, channels, 1, 1], second: [channels, hidden, 1, 1], their biases, all on the device.
  // The factor is clamp(alpha · x + beta, 0, 1) + more.
  Gate(const at::Tensor& first, const at::Tensor& first_bias, const at::Tensor& second,
       const at::Tensor& second_bias, double alpha, double beta, double more);

  // [N, channels] of float. Sums in single precision and in an order that depends on the image's size
  // alone. Throws c10::Error.
  at::Tensor factors(const at::Tensor& input) const;
  // The input times its factors. Throws c10::Error.
  at::Tensor run(const at::Tensor& input) const;

 private:
  at::Tensor first_, first_bias_, second_, second_bias_;  // float; second_: [hidden, channels]
  float alpha_, beta_, more_;
};

}  // namespace pdf2md::models::cuda
