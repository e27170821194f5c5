// Element by element, matrix products and normalisation.
#include "models/aten.h"

#include <cmath>

#include "models/cuda/convolution.h"
#include "models/onnx/fusion.h"
#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

namespace {

// A host tensor that meets one on the device goes there; ATen itself accepts scalars.
std::pair<at::Tensor, at::Tensor> on_one_device(const at::Tensor& a, const at::Tensor& b) {
  if (a.device() == b.device() || a.dim() == 0 || b.dim() == 0) return {a, b};
  if (a.device().is_cpu()) return {a.to(b.device()), b};
  return {a, b.to(a.device())};
}

template <at::Tensor (*kFunction)(const at::Tensor&, const at::Tensor&)>
Kernel binary(Preparation&) {
  return [](const Values& in, Values& out) {
    const auto [a, b] = on_one_device(in[0], in[1]);
    out[0] = kFunction(a, b);
  };
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) {
  return at::add(a, b);
}
at::Tensor subtract(const at::Tensor& a, const at::Tensor& b) {
  return at::sub(a, b);
}
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) {
  return a.is_floating_point() ? at::div(a, b) : at::div(a, b, "trunc");
}

template <at::Tensor (*kFunction)(const at::Tensor&)>
Kernel one(Preparation&) {
  return unary(kFunction);
}

at::Tensor exact_gelu(const at::Tensor& x) {
  return at::gelu(x);
}

Kernel power(Preparation& p) {
  const at::Tensor exponent = p.constant(1);
  if (exponent.defined() && exponent.numel() == 1) {
    const double value = exponent.to(at::kDouble).item<double>();
    p.take(1);
    return unary([value](const at::Tensor& x) { return at::pow(x, value); });
  }
  return [](const Values& in, Values& out) { out[0] = at::pow(in[0], in[1]); };
}

Kernel hard_sigmoid(Preparation& p) {
  const double alpha = p.node.attributes.number("alpha", 0.2);
  const double beta = p.node.attributes.number("beta", 0.5);
  if (std::abs(alpha - 1.0 / 6) < 1e-4 && beta == 0.5) {
    return unary([](const at::Tensor& x) { return at::hardsigmoid(x); });
  }
  return unary([=](const at::Tensor& x) { return at::mul(x, alpha).add_(beta).clamp_(0, 1); });
}

Kernel leaky_relu(Preparation& p) {
  const double slope = p.node.attributes.number("alpha", 0.01);
  return unary([slope](const at::Tensor& x) { return at::leaky_relu(x, slope); });
}

Kernel clip(Preparation& p) {
  std::array<std::optional<double>, 2> bounds;
  const char* names[] = {"min", "max"};
  for (size_t i = 0; i < 2; ++i) {
    if (p.node.attributes.has(names[i])) bounds[i] = p.node.attributes.number(names[i], 0);
    if (!p.has_input(i + 1)) continue;
    const at::Tensor bound = p.take(i + 1);
    TORCH_CHECK(bound.defined() && bound.numel() == 1, "Clip: only constant bounds are supported");
    bounds[i] = bound.to(at::kDouble).item<double>();
  }
  return unary([=](const at::Tensor& x) {
    std::optional<at::Scalar> low, high;
    if (bounds[0]) low = at::Scalar(*bounds[0]);
    if (bounds[1]) high = at::Scalar(*bounds[1]);
    return low || high ? at::clamp(x, low, high) : x;
  });
}

Kernel softmax(Preparation& p) {
  // Before operator set 13 all axes from `axis` on were one.
  const bool flattening = p.target.opset < 13;
  const int64_t axis = p.node.attributes.integer("axis", flattening ? 1 : -1);
  return unary([=](const at::Tensor& x) {
    const int64_t from = axis < 0 ? axis + x.dim() : axis;
    if (!flattening || from == x.dim() - 1) return at::softmax(x, from);
    return at::softmax(x.flatten(from), -1).reshape(x.sizes());
  });
}

Kernel layer_norm(Preparation& p) {
  const double epsilon = p.node.attributes.number("epsilon", 1e-5);
  const at::Tensor weight = p.on_target(p.take(1)).reshape(-1);
  const at::Tensor bias = p.on_target(p.take(2)).reshape(-1);
  return unary([=](const at::Tensor& x) {
    return at::layer_norm(x, {weight.numel()}, weight, bias, epsilon);
  });
}

Kernel linear(Preparation& p) {
  const at::Tensor weight = p.on_target(p.take(1));
  const at::Tensor bias = p.on_target(p.take(2));
  const std::string activation = p.node.attributes.text(kActivation, "");
  const bool residual = p.node.attributes.has(kResidual);
  if (p.target.device.is_cuda() && p.target.dtype == at::kHalf &&
      cuda::DenseConvolution::has(activation, weight.size(1))) {
    const auto kernel = std::make_shared<const cuda::DenseConvolution>(
        activation, weight.view({weight.size(0), weight.size(1), 1, 1}), bias,
        std::vector<int64_t>{1, 1}, std::vector<int64_t>{1, 1});
    // Rows are images of one pixel.
    const auto as_images = [](const at::Tensor& x) {
      return x.contiguous().view({-1, x.size(-1), 1, 1});
    };
    return [=](const Values& in, Values& out) {
      std::vector<int64_t> size = in[0].sizes().vec();
      size.back() = weight.size(0);
      out[0] =
          kernel->run(as_images(in[0]), {0, 0, 0, 0}, residual ? as_images(in[3]) : at::Tensor())
              .view(size);
    };
  }
  p.set_batch_dependent();
  const InPlace activate = in_place_activation(activation);
  return [=](const Values& in, Values& out) {
    out[0] = at::linear(in[0], weight, bias);
    if (activate != nullptr) activate(out[0]);
    if (residual) out[0].add_(in[3]);
  };
}

Kernel matrix_product(Preparation& p) {
  p.set_batch_dependent();
  return [](const Values& in, Values& out) { out[0] = at::matmul(in[0], in[1]); };
}

Kernel gemm(Preparation& p) {
  p.set_batch_dependent();
  const Attributes& a = p.node.attributes;
  const double alpha = a.number("alpha", 1), beta = a.number("beta", 1);
  const bool transpose_a = a.integer("transA", 0) != 0, transpose_b = a.integer("transB", 0) != 0;
  return [=](const Values& in, Values& out) {
    const at::Tensor left = transpose_a ? in[0].t() : in[0],
                     right = transpose_b ? in[1].t() : in[1];
    if (in.size() > 2 && in[2].defined())
      out[0] = at::addmm(in[2], left, right, beta, alpha);
    else
      out[0] = at::mm(left, right).mul_(alpha);
  };
}

}  // namespace

std::vector<OperatorEntry> elementwise_operators() {
  return {{"Add", binary<add>, 2},
          {"Sub", binary<subtract>, 2},
          {"Mul", binary<at::mul>, 2},
          {"Div", binary<divide>, 2},
          {"Min", binary<at::minimum>, 2},
          {"Max", binary<at::maximum>, 2},
          {"Pow", power, 2},
          {"Relu", one<at::relu>, 1},
          {"LeakyRelu", leaky_relu, 1},
          {"Sigmoid", one<at::sigmoid>, 1},
          {"Tanh", one<at::tanh>, 1},
          {"Erf", one<at::erf>, 1},
          {"Exp", one<at::exp>, 1},
          {"Sqrt", one<at::sqrt>, 1},
          {"Gelu", one<exact_gelu>, 1},
          {"HardSwish", one<at::hardswish>, 1},
          {"Silu", one<at::silu>, 1},
          {"HardSigmoid", hard_sigmoid, 1},
          {"Clip", clip, 1},
          {"Softmax", softmax, 1},
          {"LayerNorm", layer_norm, 3},
          {"Linear", linear, 2},
          {"MatMul", matrix_product, 2},
          {"Gemm", gemm, 2}};
}

}  // namespace pdf2md::models::onnx
