// Dense convolution on CUDA in channels_last half precision on the tensor cores, with bias and
// activation in one pass: an implicit product of matrices. For the few convolutions of our networks
// that are neither pointwise nor depthwise; cuDNN takes longer to choose an algorithm for them at
// every call than they take to run.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

// As in models/cuda/depthwise.h.
std::vector<char> compile_convolution(int device);
void load_convolution(const std::vector<char>& code);

class DenseConvolution {
 public:
  // Can it be done here? From compute capability 8.0 on. `input_channels` of one group, which is all.
  static bool has(const std::string& activation, int64_t input_channels);

  // weight: [outputs, inputs, kernel_y, kernel_x], bias: [outputs], both on the device.
  DenseConvolution(const std::string& activation, const at::Tensor& weight,
                   const std::optional<at::Tensor>& bias, const std::vector<int64_t>& strides,
                   const std::vector<int64_t>& dilations);

  // input: [N, inputs, H, W] in half precision. pads: top, bottom, left, right, of zeros. Sums in
  // single precision, each output for itself and in one order: what stands beside it in the batch
  // makes no difference. Throws c10::Error.
  at::Tensor run(const at::Tensor& input, const std::array<int64_t, 4>& pads) const;

 private:
  int activation_ = 0;
  int64_t inputs_ = 0, outputs_ = 0, kernel_y_ = 0, kernel_x_ = 0, depth_ = 0;
  std::vector<int64_t> strides_, dilations_;
  int64_t tiles_ = 0;  // of 8 outputs, a block
  at::Tensor weight_;  // [outputs, kernel_y · kernel_x · inputs], both rounded up and filled with 0
  at::Tensor bias_;    // [outputs rounded up], float
};

}  // namespace pdf2md::models::cuda
