#include <catch2/catch.hpp>

#include "models/cuda/depthwise.h"
#include "models/onnx/fusion.h"

using namespace pdf2md::models;
using cuda::Depthwise;
using cuda::DepthwiseShape;

namespace {

struct Case {
  DepthwiseShape shape;
  int64_t channels;
  std::array<int64_t, 4> pads;
  const char* activation;
};

constexpr Case kCases[] = {
    {{7, 7, 1, 1}, 96, {3, 3, 3, 3}, ""},          {{3, 3, 1, 1}, 48, {1, 1, 1, 1}, "Gelu"},
    {{3, 3, 2, 2}, 192, {1, 1, 1, 1}, "Relu"},     {{3, 3, 2, 1}, 96, {1, 1, 1, 1}, "HardSwish"},
    {{5, 5, 1, 1}, 16, {2, 2, 2, 2}, "Silu"},      {{5, 5, 2, 2}, 256, {2, 2, 2, 2}, "Sigmoid"},
    {{1, 7, 1, 1}, 120, {0, 0, 3, 3}, "Silu"},     {{3, 3, 2, 2}, 32, {0, 1, 0, 1}, "HardSwish"},
    {{3, 3, 1, 2}, 10, {1, 1, 1, 1}, "HardSwish"},
};

at::Tensor expected(const Case& c, const at::Tensor& input, const at::Tensor& weight,
                    const at::Tensor& bias) {
  const at::Tensor padded =
      at::constant_pad_nd(input, {c.pads[2], c.pads[3], c.pads[0], c.pads[1]}, 0);
  at::Tensor out = at::conv2d(padded, weight, bias, {c.shape.stride_y, c.shape.stride_x},
                              at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1}, c.channels);
  if (const onnx::InPlace activate = onnx::in_place_activation(c.activation); activate != nullptr)
    activate(out);
  return out;
}

}  // namespace

TEST_CASE("depthwise kernels exist for what the networks use, and for nothing else", "[models]") {
  for (const Case& c : kCases) CHECK(Depthwise::has(c.shape, c.activation, c.channels));
  CHECK_FALSE(Depthwise::has({7, 7, 1, 1}, "", 95));
  CHECK_FALSE(Depthwise::has({9, 9, 1, 1}, "", 96));
  CHECK_FALSE(Depthwise::has({7, 7, 2, 2}, "", 96));
  CHECK_FALSE(Depthwise::has({3, 3, 1, 1}, "Elu", 96));
}

TEST_CASE("on CUDA a depthwise convolution gives ATen's numbers", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(7);
  // Sizes that fill no strip and no block; one pixel; more rows than one image has.
  for (const auto& [images, height, width] :
       {std::array<int64_t, 3>{1, 1, 1}, {2, 7, 9}, {3, 33, 130}, {1, 240, 322}}) {
    for (const Case& c : kCases) {
      if (height < c.shape.kernel_y - c.pads[0] - c.pads[1] ||
          width < c.shape.kernel_x - c.pads[2] - c.pads[3])
        continue;
      // Rounded to half precision, so that both compute with the same numbers.
      const auto random = [](at::IntArrayRef size) {
        return at::randn(size).to(at::kHalf).to(at::kFloat);
      };
      const at::Tensor input = random({images, c.channels, height, width});
      const at::Tensor weight = random({c.channels, 1, c.shape.kernel_y, c.shape.kernel_x});
      const at::Tensor bias = random({c.channels});
      const Depthwise kernel(c.shape, c.activation, weight.to(at::kCUDA), bias.to(at::kCUDA));
      const at::Tensor on_device = input.to(at::kCUDA, at::kHalf);
      const at::Tensor result = kernel.run(on_device, c.pads);
      INFO(c.shape.kernel_y << "x" << c.shape.kernel_x << " " << c.activation << " on " << images
                            << "x" << height << "x" << width);
      const at::Tensor want = expected(c, input, weight, bias);
      REQUIRE(result.sizes() == want.sizes());
      const at::Tensor got = result.cpu().to(at::kFloat);
      CHECK(((got - want).abs() / (want.abs() + 1)).max().item<float>() < 2e-3f);
      // The last image alone: the same bytes.
      const at::Tensor alone = kernel.run(on_device.narrow(0, images - 1, 1), c.pads).cpu();
      CHECK(at::equal(alone, result.cpu().narrow(0, images - 1, 1)));
    }
  }
}
