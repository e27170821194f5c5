// Dense convolution on CUDA in channels_last half precision on the tensor cores, with bias, activation
// and a sum with another image in one pass: an implicit product of matrices, and so also every product
// with constant weights. The libraries' own take longer to choose an algorithm for these small networks
// than they take to run (cuDNN), or choose by the number of rows, so that an image's numbers depend on
// what stands beside it (cuBLAS).
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
  // makes no difference. `residual`, in half precision, is added last. Throws c10::Error.
  at::Tensor run(const at::Tensor& input, const std::array<int64_t, 4>& pads,
                 const at::Tensor& residual = {}) const;

 private:
  int activation_ = 0;
  int64_t inputs_ = 0, outputs_ = 0, kernel_y_ = 0, kernel_x_ = 0, depth_ = 0;
  std::vector<int64_t> strides_, dilations_;
  bool odd_ = false;  // input channels are no multiple of eight
  size_t tile_ = 0;   // which of the kernels' tiles
  at::Tensor weight_;  // [outputs, kernel_y · kernel_x · inputs], both rounded up and filled with 0
  at::Tensor stem_weight_;  // for stem(); undefined: it is none
  at::Tensor bias_;         // [outputs rounded up], float
};

}  // namespace pdf2md::models::cuda
