// Our own kernels on CUDA against ATen's on the CPU.
#include "models/cuda/convolution.h"
#include "models/cuda/attention.h"
#include "models/cuda/best_class.h"
#include "models/cuda/channels_last.h"
#include "models/cuda/gate.h"
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
      {3, 24, 3, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}, "Relu"},
      {3, 16, 3, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}, "HardSwish"},
      {96, 192, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, "Gelu"},
      {384, 96, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, ""},
      {120, 360, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, "Silu"},
      {24, 16, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, ""},
      {48, 42, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, "Relu"},
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
      const at::Tensor more = random(expected.sizes());
      CHECK(difference(kernel.run(batch, c.pads, on_cuda(more)), expected + more) < 4e-3);
    }
  }
}

TEST_CASE("on CUDA a sum with a convolution may be of another shape", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(13);
  const at::Tensor input = random({2, 16, 5, 7}), weight = random({8, 16, 1, 1}) * 0.25,
                   more = random({1, 8, 1, 1});
  const cuda::DenseConvolution kernel("", on_cuda(weight), {}, {1, 1}, {1, 1});
  CHECK(difference(kernel.run(on_cuda(input), {0, 0, 0, 0}, on_cuda(more)),
                   at::conv2d(input, weight) + more) < 4e-3);
}

TEST_CASE("on CUDA a gate gives ATen's numbers, alone as in a batch", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(14);
  for (const auto& [channels, hidden] :
       {std::pair<int64_t, int64_t>{24, 6}, {96, 24}, {768, 192}}) {
    for (const auto& [height, width] : {std::pair<int64_t, int64_t>{1, 1}, {3, 50}, {140, 136}}) {
      INFO(channels << " channels of " << height << " x " << width);
      const at::Tensor input =
          (random({3, channels, height, width}) + 0.5).to(at::kHalf).to(at::kFloat);
      const at::Tensor first = random({hidden, channels, 1, 1}) * 0.25, a = random({hidden}),
                       second = random({channels, hidden, 1, 1}) * 0.25, b = random({channels});
      REQUIRE(cuda::Gate::has(channels, hidden));
      const at::Tensor inner =
          at::relu(at::conv2d(at::mean(input, {2, 3}, true).to(at::kFloat), first, a));
      for (const double more : {0.0, 1.0}) {
        const at::Tensor factor = at::clamp(at::conv2d(inner, second, b) * 0.2 + 0.5, 0, 1) + more;
        const cuda::Gate gate(on_cuda(first), on_cuda(a), on_cuda(second), on_cuda(b), 0.2, 0.5,
                              more);
        const at::Tensor batch = on_cuda(input).contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor found = gate.run(batch);
        CHECK(difference(found, batch.cpu().to(at::kFloat) * factor) < 4e-3);
        CHECK(at::equal(gate.run(batch.slice(0, 2, 3))[0], found[2]));
      }
    }
  }
  CHECK_FALSE(cuda::Gate::has(20, 5));
}

TEST_CASE("on CUDA attention gives ATen's numbers, alone as in a batch", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(15);
  for (const auto& [steps, heads, channels] :
       {std::array<int64_t, 3>{1, 1, 16}, {12, 8, 15}, {240, 8, 15}, {256, 2, 8}}) {
    INFO(steps << " steps, " << heads << " heads of " << channels);
    const at::Tensor input = random({3, steps, 3 * heads * channels});
    const at::Tensor parts = input.view({3, steps, 3, heads, channels}).permute({2, 0, 3, 1, 4});
    const at::Tensor weights =
        at::softmax(at::matmul(parts[0] * 0.3, parts[1].transpose(2, 3)), -1);
    const at::Tensor expected =
        at::matmul(weights, parts[2]).transpose(1, 2).reshape({3, steps, -1});
    REQUIRE(cuda::has_attention(steps, channels));
    const at::Tensor found = cuda::attention(on_cuda(input), heads, 0.3);
    CHECK(difference(found, expected) < 4e-3);
    CHECK(at::equal(cuda::attention(on_cuda(input).slice(0, 2, 3), heads, 0.3)[0], found[2]));
  }
  CHECK_FALSE(cuda::has_attention(257, 15));
}

TEST_CASE("on CUDA the best class is found without the others", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(16);
  const at::Tensor weight = random({1000, 120}) * 0.25, bias = random({1000});
  const cuda::BestClass kernel(on_cuda(weight), on_cuda(bias));
  for (const int64_t steps : {1, 40, 240}) {
    const at::Tensor input = random({3, steps, 120});
    const at::Tensor logits = at::linear(input, weight, bias).to(at::kDouble);
    const at::Tensor found = kernel.run(on_cuda(input));
    const auto [most, index] = at::max(at::softmax(logits, -1), -1);
    const at::Tensor best = found.select(-1, 0).cpu().to(at::kLong).unsqueeze(-1);
    const at::Tensor reached = at::gather(logits, -1, best).squeeze(-1);
    CHECK((at::amax(logits, -1) - reached).max().item<double>() < 1e-3);  // some are almost equal
    CHECK((found.select(-1, 1).cpu() - most).abs().max().item<double>() < 1e-3);
    CHECK(at::equal(kernel.run(on_cuda(input).slice(0, 2, 3))[0], found[2]));
  }
  // Of equals, the first.
  const cuda::BestClass equal(at::zeros({300, 8}, on_cuda(weight).options()),
                              at::zeros({300}, on_cuda(weight).options()));
  const at::Tensor found = equal.run(at::zeros({1, 5, 8}, on_cuda(weight).options())).cpu();
  CHECK(found.select(-1, 0).abs().max().item<float>() == 0);
  CHECK(at::abs(found.select(-1, 1) * 300 - 1).max().item<float>() < 1e-4);
  CHECK_FALSE(cuda::BestClass::has(136));
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
