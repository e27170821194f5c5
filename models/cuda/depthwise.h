// Depthwise convolution on CUDA in channels_last half precision, with bias and activation in one
// pass. cuDNN has no good kernel for the larger ones: its old interface is ten times slower on 7x7,
// its new one compiles a plan for every new shape, for up to a second.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

struct DepthwiseShape {
  int64_t kernel_y = 0, kernel_x = 0;
  int64_t stride_y = 1, stride_x = 1;
};

// The kernels' machine code for the device of this number; it takes most of a second, but no context
// (models/cuda/program.h). Throws c10::Error.
std::vector<char> compile_depthwise(int device);
// Makes it ready in the context that is current, once for the process, which uses one device. Before
// the first Depthwise. Throws c10::Error.
void load_depthwise(const std::vector<char>& code);

class Depthwise {
 public:
  // Is there a kernel for this, and for this activation ("" for none)?
  static bool has(const DepthwiseShape& shape, const std::string& activation, int64_t channels);

  // weight: [channels, 1, kernel_y, kernel_x], bias: [channels], both on the device.
  Depthwise(const DepthwiseShape& shape, const std::string& activation, const at::Tensor& weight,
            const std::optional<at::Tensor>& bias);

  // input: [N, channels, H, W] in half precision. pads: top, bottom, left, right, of zeros.
  // Sums in single precision, each output for itself and in one order: what stands beside it in
  // the batch makes no difference. Throws c10::Error.
  at::Tensor run(const at::Tensor& input, const std::array<int64_t, 4>& pads) const;

 private:
  DepthwiseShape shape_;
  size_t function_ = 0;
  int activation_ = 0;
  at::Tensor weight_;  // [kernel_y, kernel_x, channels], half
  at::Tensor bias_;    // [channels], float
};

}  // namespace pdf2md::models::cuda
