// Our own kernels on CUDA against ATen's on the CPU.
#include "models/cuda/convolution.h"
#include "models/cuda/channels_last.h"
#include "models/onnx/fusion.h"

#include "catch.h"

using namespace pdf2md::models;

namespace {

const at::Device kCuda(at::kCUDA, 0);

// Rounded to half precision, so that both compute with the same numbers.
at::Tensor random(at::IntArrayRef size) {
  return at::randn(size).to(at::kHalf).to(at::kFloat);
}

at::Tensor on_cuda(const at::Tensor& tensor) {
  return tensor.to(kCuda, at::kHalf);
}

double difference(const at::Tensor& found, const at::Tensor& expected) {
  REQUIRE(found.sizes() == expected.sizes());
  const at::Tensor error = at::abs(found.cpu().to(at::kFloat) - expected);
  return (error / at::clamp_min(at::abs(expected), 1.0)).max().item<double>();
}

}  // namespace

TEST_CASE("on CUDA a dense convolution gives ATen's numbers, alone as in a batch", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(11);
  struct Case {
    int64_t inputs, outputs, kernel_y, kernel_x;
    std::vector<int64_t> strides, dilations;
    std::array<int64_t, 4> pads;
    const char* activation;
  };
  const Case cases[] = {
      {3, 48, 3, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}, "Relu"},
      {48, 24, 2, 2, {1, 1}, {1, 1}, {0, 1, 0, 1}, "Relu"},
      {24, 48, 2, 2, {1, 1}, {1, 1}, {0, 1, 0, 1}, ""},
      {96, 48, 3, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}, "Gelu"},
      {96, 24, 3, 3, {1, 1}, {1, 1}, {1, 1, 1, 1}, "Silu"},
      {16, 80, 3, 3, {1, 1}, {2, 2}, {2, 2, 2, 2}, "HardSwish"},
      {20, 7, 5, 1, {1, 2}, {1, 1}, {2, 2, 0, 0}, "Sigmoid"},
      {8, 130, 1, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, ""},
  };
  for (const Case& c : cases) {
    for (const auto& [images, height, width] :
         {std::array<int64_t, 3>{1, 5, 5}, {3, 24, 97}, {2, 130, 66}}) {
      INFO(c.inputs << " to " << c.outputs << ", " << c.kernel_y << " x " << c.kernel_x << " on "
                    << images << " x " << height << " x " << width);
      const at::Tensor input = random({images, c.inputs, height, width});
      const at::Tensor weight = random({c.outputs, c.inputs, c.kernel_y, c.kernel_x}) * 0.25;
      const at::Tensor bias = random({c.outputs});
      const at::Tensor padded =
          at::constant_pad_nd(input, {c.pads[2], c.pads[3], c.pads[0], c.pads[1]}, 0);
      at::Tensor expected =
          at::conv2d(padded, weight, bias, c.strides, at::IntArrayRef{0, 0}, c.dilations);
      if (const onnx::InPlace activate = onnx::in_place_activation(c.activation);
          activate != nullptr)
        activate(expected);
      REQUIRE(cuda::DenseConvolution::has(c.activation, c.inputs));
      const cuda::DenseConvolution kernel(c.activation, on_cuda(weight), on_cuda(bias), c.strides,
                                          c.dilations);
      const at::Tensor batch = on_cuda(input).contiguous(at::MemoryFormat::ChannelsLast);
      const at::Tensor found = kernel.run(batch, c.pads);
      CHECK(difference(found, expected) < 4e-3);
      const at::Tensor alone = kernel.run(batch.slice(0, images - 1, images), c.pads);
      CHECK(at::equal(alone[0], found[images - 1]));
    }
  }
}

TEST_CASE("on CUDA pooling, joining and enlarging give ATen's numbers", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(12);
  const at::Tensor a = (random({2, 24, 19, 33}) - 3).to(at::kHalf).to(at::kFloat);
  const at::Tensor b = random({2, 4, 19, 33});
  const at::Tensor padded = at::constant_pad_nd(a, {0, 1, 0, 1}, -1e4);
  CHECK(difference(cuda::max_pool(on_cuda(a), {2, 2}, {1, 1}, {0, 1, 0, 1}),
                   at::max_pool2d(padded, {2, 2}, {1, 1})) == 0);
  CHECK(difference(cuda::max_pool(on_cuda(a), {3, 3}, {2, 2}, {1, 1, 1, 1}),
                   at::max_pool2d(a, {3, 3}, {2, 2}, {1, 1})) == 0);
  REQUIRE(cuda::can_join_channels({on_cuda(a), on_cuda(b)}, 1));
  CHECK(difference(cuda::join_channels({on_cuda(a), on_cuda(b), on_cuda(a)}),
                   at::cat({a, b, a}, 1)) == 0);
  CHECK(difference(cuda::join_channels({on_cuda(a), on_cuda(a)}), at::cat({a, a}, 1)) == 0);
  const at::Tensor odd = a.slice(1, 0, 6);
  CHECK(difference(cuda::max_pool(on_cuda(odd), {2, 3}, {2, 1}, {0, 0, 1, 1}),
                   at::max_pool2d(odd, {2, 3}, {2, 1}, {0, 1})) == 0);
  for (const auto& [height, width] :
       {std::pair<int64_t, int64_t>{38, 66}, {19 * 4, 33 * 4}, {40, 40}})
    CHECK(difference(cuda::resize_nearest(on_cuda(a), height, width),
                     at::upsample_nearest2d(a, {height, width})) == 0);
  CHECK_FALSE(cuda::can_join_channels({on_cuda(a), on_cuda(b)}, 2));
  CHECK_FALSE(cuda::can_join_channels({a, b}, 1));
}
