// Convolution and pooling.
#include "models/aten.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "models/cuda/channels_last.h"
#include "models/cuda/convolution.h"
#include "models/cuda/depthwise.h"
#include "models/onnx/fusion.h"
#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

namespace {

// Padding of the two spatial axes: {top, bottom, left, right} once the input's size is known.
class Padding {
 public:
  Padding(const Attributes& attributes, std::vector<int64_t> kernel, std::vector<int64_t> strides,
          std::vector<int64_t> dilations)
      : mode_(attributes.text("auto_pad", "NOTSET")),
        pads_(attributes.integers("pads", {0, 0, 0, 0})),
        kernel_(std::move(kernel)),
        strides_(std::move(strides)),
        dilations_(std::move(dilations)) {
    TORCH_CHECK(
        pads_.size() == 4 && kernel_.size() == 2 && strides_.size() == 2 && dilations_.size() == 2,
        "only two spatial axes are supported");
  }

  // For any input at all.
  bool any() const {
    return (mode_ != "NOTSET" && mode_ != "VALID") ||
           std::any_of(pads_.begin(), pads_.end(), [](int64_t pad) { return pad != 0; });
  }

  std::array<int64_t, 4> of(const at::Tensor& input) const {
    if (mode_ == "VALID") return {0, 0, 0, 0};
    if (mode_ != "SAME_UPPER" && mode_ != "SAME_LOWER")
      return {pads_[0], pads_[2], pads_[1], pads_[3]};
    std::array<int64_t, 4> result{};
    for (size_t axis = 0; axis < 2; ++axis) {
      const int64_t size = input.size(static_cast<int64_t>(2 + axis));
      const int64_t stride = strides_[axis];
      const int64_t outputs = (size + stride - 1) / stride;
      const int64_t total = std::max<int64_t>(
          0, (outputs - 1) * stride + (kernel_[axis] - 1) * dilations_[axis] + 1 - size);
      const int64_t small = total / 2;
      result[2 * axis] = mode_ == "SAME_UPPER" ? small : total - small;
      result[2 * axis + 1] = total - result[2 * axis];
    }
    return result;
  }

  // ATen pads both sides alike; what cannot be said so is padded beforehand with `value`.
  at::Tensor apply(const at::Tensor& input, double value, std::vector<int64_t>& symmetric) const {
    const std::array<int64_t, 4> pads = of(input);
    symmetric = {pads[0], pads[2]};
    if (pads[0] == pads[1] && pads[2] == pads[3]) return input;
    symmetric = {0, 0};
    return at::constant_pad_nd(input, {pads[2], pads[3], pads[0], pads[1]}, value);
  }

 private:
  std::string mode_;
  std::vector<int64_t> pads_, kernel_, strides_, dilations_;
};

// oneDNN's convolution with the weights laid out beforehand and the activation in its epilogue.
// ATen has it only behind the dispatcher.
class PackedConvolution {
 public:
  PackedConvolution(const at::Tensor& weight, const std::vector<int64_t>& strides,
                    const std::vector<int64_t>& dilations, int64_t groups) {
    using Reorder = at::Tensor(const at::Tensor&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef,
                               int64_t, at::OptionalIntArrayRef);
    const auto reorder = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("mkldnn::_reorder_convolution_weight", "")
                             .typed<Reorder>();
    weight_ = reorder.call(weight, {0, 0}, strides, dilations, groups, std::nullopt);
  }

  at::Tensor run(const at::Tensor& input, const std::optional<at::Tensor>& bias,
                 const std::vector<int64_t>& padding, const std::vector<int64_t>& strides,
                 const std::vector<int64_t>& dilations, int64_t groups, const char* activation,
                 const char* algorithm) const {
    using Run =
        at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                   at::IntArrayRef, at::IntArrayRef, at::IntArrayRef, int64_t, c10::string_view,
                   c10::List<std::optional<at::Scalar>>, std::optional<c10::string_view>);
    static const auto run = c10::Dispatcher::singleton()
                                .findSchemaOrThrow("mkldnn::_convolution_pointwise", "")
                                .typed<Run>();
    std::optional<c10::string_view> algorithm_name;
    if (algorithm[0] != '\0') algorithm_name = algorithm;
    return run.call(input, weight_, bias, padding, strides, dilations, groups, activation,
                    c10::List<std::optional<at::Scalar>>(), algorithm_name);
  }

 private:
  at::Tensor weight_;
};

struct ActivationName {
  const char* attr;
  const char* algorithm;
};
ActivationName onednn_name(const std::string& activation) {
  if (activation.empty()) return {"none", ""};
  if (activation == "Relu") return {"relu", ""};
  if (activation == "HardSwish") return {"hardswish", ""};
  if (activation == "Silu") return {"swish", ""};
  if (activation == "Gelu") return {"gelu", "none"};
  if (activation == "Sigmoid") return {"sigmoid", ""};
  TORCH_CHECK(false, "no fused activation ", activation);
}

struct Convolution {
  std::vector<int64_t> strides, dilations;
  int64_t groups = 1;
  std::string activation;
  at::Tensor weight;
  std::optional<at::Tensor> bias;
  bool residual = false;  // the fourth input is added

  bool is_pointwise() const {
    return weight.size(2) == 1 && weight.size(3) == 1 && strides[0] == 1 && strides[1] == 1 &&
           groups == 1;
  }
  bool is_depthwise() const {
    return groups == weight.size(0) && weight.size(1) == 1 && dilations[0] == 1 &&
           dilations[1] == 1;
  }
};

// Where there are no kernels of ours. Every pixel for itself: in channels_last that is one product of matrices, [pixels, channels in] x
// [channels in, channels out].
// The library multiplies, adds the bias and rectifies in one pass; its GELU is the one with tanh,
// which differs from the exact one by less than half precision does.
Kernel pointwise(const Convolution& c) {
  const at::Tensor weight = c.weight.flatten(1).t();
  const bool gelu = c.activation == "Gelu";
  const bool in_one = c.bias && (gelu || c.activation == "Relu");
  const InPlace activate = in_one ? nullptr : in_place_activation(c.activation);
  return [=, bias = c.bias](const Values& in, Values& out) {
    const at::Tensor input = in[0].contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor pixels = input.permute({0, 2, 3, 1}).flatten(0, 2);
    const at::Tensor product = in_one ? at::_addmm_activation(*bias, pixels, weight, 1, 1, gelu)
                               : bias ? at::addmm(*bias, pixels, weight)
                                      : at::mm(pixels, weight);
    out[0] = product.view({input.size(0), input.size(2), input.size(3), weight.size(1)})
                 .permute({0, 3, 1, 2});
    if (activate != nullptr) activate(out[0]);
  };
}

// cuDNN chooses an algorithm anew at every call, which takes it half a millisecond: far longer than
// most convolutions of these networks run.
Kernel convolution_on_cuda(Preparation& p, const Convolution& c, const Padding& padding) {
  const cuda::DepthwiseShape shape{c.weight.size(2), c.weight.size(3), c.strides[0], c.strides[1]};
  if (c.is_depthwise() && p.target.dtype == at::kHalf &&
      cuda::Depthwise::has(shape, c.activation, c.groups)) {
    const auto kernel = std::make_shared<cuda::Depthwise>(shape, c.activation, c.weight, c.bias);
    return [=](const Values& in, Values& out) { out[0] = kernel->run(in[0], padding.of(in[0])); };
  }
  if (c.groups == 1 && p.target.dtype == at::kHalf &&
      cuda::DenseConvolution::has(c.activation, c.weight.size(1))) {
    const auto kernel = std::make_shared<cuda::DenseConvolution>(c.activation, c.weight, c.bias,
                                                                 c.strides, c.dilations);
    return [=, residual = c.residual](const Values& in, Values& out) {
      out[0] = kernel->run(in[0], padding.of(in[0]), residual ? in[3] : at::Tensor());
    };
  }
  if (c.residual) {
    Convolution alone = c;
    alone.residual = false;
    const Kernel kernel = convolution_on_cuda(p, alone, padding);
    return [kernel](const Values& in, Values& out) {
      kernel(in, out);
      out[0] = at::add(out[0], in[3]);
    };
  }
  p.set_batch_dependent();
  if (c.is_pointwise() && !padding.any()) return pointwise(c);
  const InPlace activate = in_place_activation(c.activation);
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> symmetric;
    const at::Tensor input = padding.apply(in[0], 0, symmetric);
    out[0] = at::convolution(input, c.weight, c.bias, c.strides, symmetric, c.dilations, false,
                             {0, 0}, c.groups);
    if (activate != nullptr) activate(out[0]);
  };
}

Kernel convolution(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const std::vector<int64_t> strides = a.integers("strides", {1, 1});
  const std::vector<int64_t> dilations = a.integers("dilations", {1, 1});
  const int64_t groups = a.integer("group", 1);
  const std::string activation = a.text(kActivation, "");
  const at::Tensor constant_weight = p.take(1);
  TORCH_CHECK(constant_weight.defined() && constant_weight.dim() == 4, p.node.op,
              ": only constant weights with two spatial axes are supported");
  TORCH_CHECK(groups > 0 && constant_weight.size(0) % groups == 0 && constant_weight.numel() > 0,
              p.node.op, ": the groups do not fit the weights");
  TORCH_CHECK(
      std::min(strides.at(0), strides.at(1)) > 0 && std::min(dilations.at(0), dilations.at(1)) > 0,
      p.node.op, ": strides and dilations must be above zero");
  const Padding padding(a, {constant_weight.size(2), constant_weight.size(3)}, strides, dilations);
  const at::Tensor weight = p.on_target(constant_weight);
  std::optional<at::Tensor> bias;
  if (p.has_input(2)) {
    TORCH_CHECK(p.constant(2).defined(), p.node.op, ": only a constant bias is supported");
    bias = p.on_target(p.take(2));
  }

  if (p.target.device.is_cpu()) {
    const auto packed = std::make_shared<PackedConvolution>(weight, strides, dilations, groups);
    const ActivationName name = onednn_name(activation);
    return [=](const Values& in, Values& out) {
      std::vector<int64_t> symmetric;
      const at::Tensor input = padding.apply(in[0], 0, symmetric);
      out[0] = packed->run(input.contiguous(at::MemoryFormat::ChannelsLast), bias, symmetric,
                           strides, dilations, groups, name.attr, name.algorithm);
    };
  }
  return convolution_on_cuda(
      p, Convolution{strides, dilations, groups, activation, weight, bias, a.has(kResidual)},
      padding);
}

// A transposed convolution whose outputs do not overlap: each pixel becomes a block of pixels for
// itself. In channels_last that is one product of matrices, and the blocks put into rows.
Kernel spread(const at::Tensor& weight, const std::optional<at::Tensor>& bias,
              const std::string& activation) {
  const int64_t outputs = weight.size(1), rows = weight.size(2), columns = weight.size(3);
  const at::Tensor matrix =
      weight.permute({2, 3, 1, 0}).reshape({-1, weight.size(0), 1, 1}).contiguous();
  std::optional<at::Tensor> biases;
  if (bias) biases = bias->repeat({rows * columns});
  const auto kernel = std::make_shared<const cuda::DenseConvolution>(
      activation, matrix, biases, std::vector<int64_t>{1, 1}, std::vector<int64_t>{1, 1});
  return [=](const Values& in, Values& out) {
    const at::Tensor blocks = kernel->run(in[0], {0, 0, 0, 0});
    const int64_t images = blocks.size(0), height = blocks.size(2), width = blocks.size(3);
    out[0] = blocks.permute({0, 2, 3, 1})
                 .view({images, height, width, rows, columns, outputs})
                 .permute({0, 1, 3, 2, 4, 5})
                 .reshape({images, height * rows, width * columns, outputs})
                 .permute({0, 3, 1, 2});
  };
}

Kernel transposed_convolution(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const std::vector<int64_t> strides = a.integers("strides", {1, 1});
  const std::vector<int64_t> dilations = a.integers("dilations", {1, 1});
  const std::vector<int64_t> pads = a.integers("pads", {0, 0, 0, 0});
  const std::vector<int64_t> output_padding = a.integers("output_padding", {0, 0});
  const int64_t groups = a.integer("group", 1);
  TORCH_CHECK(a.text("auto_pad", "NOTSET") == "NOTSET" && !a.has("output_shape"),
              "ConvTranspose: auto_pad and output_shape are not supported");
  TORCH_CHECK(pads.size() == 4 && pads[0] == pads[2] && pads[1] == pads[3],
              "ConvTranspose: asymmetric pads are not supported");
  const at::Tensor weight = p.on_target(p.take(1));
  TORCH_CHECK(weight.defined() && weight.dim() == 4,
              "ConvTranspose: only constant 2-D weights are supported");
  std::optional<at::Tensor> bias;
  if (p.has_input(2)) bias = p.on_target(p.take(2));
  const InPlace activate = in_place_activation(a.text(kActivation, ""));
  const bool apart = weight.size(2) == strides[0] && weight.size(3) == strides[1] &&
                     std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; }) &&
                     output_padding == std::vector<int64_t>{0, 0};
  const std::string activation = a.text(kActivation, "");
  if (apart && groups == 1 && p.target.device.is_cuda() && p.target.dtype == at::kHalf &&
      cuda::DenseConvolution::has(activation, weight.size(0)))
    return spread(weight, bias, activation);
  p.set_batch_dependent();
  return [=](const Values& in, Values& out) {
    out[0] = at::convolution(in[0], weight, bias, strides, {pads[0], pads[1]}, dilations, true,
                             output_padding, groups);
    if (activate != nullptr) activate(out[0]);
  };
}

Kernel batch_normalization(Preparation& p) {
  p.set_batch_dependent();
  const double epsilon = p.node.attributes.number("epsilon", 1e-5);
  return [epsilon](const Values& in, Values& out) {
    out[0] = at::batch_norm(in[0], in[1], in[2], in[3], in[4], false, 0.0, epsilon, false);
  };
}

Kernel max_pool(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const std::vector<int64_t> kernel = a.integers("kernel_shape", {});
  const std::vector<int64_t> strides = a.integers("strides", {1, 1});
  const std::vector<int64_t> dilations = a.integers("dilations", {1, 1});
  const bool ceil_mode = a.integer("ceil_mode", 0) != 0;
  TORCH_CHECK(p.node.outputs.size() == 1, "MaxPool: indices are not supported");
  const Padding padding(a, kernel, strides, dilations);
  const bool plain = !ceil_mode && dilations == std::vector<int64_t>{1, 1};
  if (plain && p.target.device.is_cuda() && p.target.dtype == at::kHalf) {
    return [=](const Values& in, Values& out) {
      out[0] = cuda::max_pool(in[0], {kernel[0], kernel[1]}, {strides[0], strides[1]},
                              padding.of(in[0]));
    };
  }
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> symmetric;
    const at::Tensor input =
        padding.apply(in[0], -std::numeric_limits<double>::infinity(), symmetric);
    out[0] = at::max_pool2d(input, kernel, strides, symmetric, dilations, ceil_mode);
  };
}

Kernel average_pool(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const std::vector<int64_t> kernel = a.integers("kernel_shape", {});
  const std::vector<int64_t> strides = a.integers("strides", {1, 1});
  const bool ceil_mode = a.integer("ceil_mode", 0) != 0;
  const bool include_pad = a.integer("count_include_pad", 0) != 0;
  const Padding padding(a, kernel, strides, {1, 1});
  return [=](const Values& in, Values& out) {
    const std::array<int64_t, 4> pads = padding.of(in[0]);
    TORCH_CHECK(pads[0] == pads[1] && pads[2] == pads[3],
                "AveragePool: asymmetric pads are not supported");
    out[0] = at::avg_pool2d(in[0], kernel, strides, {pads[0], pads[2]}, ceil_mode, include_pad);
  };
}

Kernel global_average_pool(Preparation& p) {
  p.set_batch_dependent();
  return unary([](const at::Tensor& x) { return at::mean(x, {2, 3}, /*keepdim=*/true); });
}

// Only the modes that the networks here use; others are refused at load.
Kernel resize(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const std::string mode = a.text("mode", "nearest");
  const std::string coordinates = a.text("coordinate_transformation_mode", "half_pixel");
  const bool nearest = mode == "nearest" && coordinates == "asymmetric" &&
                       a.text("nearest_mode", "round_prefer_floor") == "floor";
  const bool linear =
      mode == "linear" && (coordinates == "half_pixel" || coordinates == "pytorch_half_pixel");
  TORCH_CHECK(nearest || linear, "Resize: mode ", mode, " with coordinates ", coordinates,
              " is not supported");
  p.take(1);  // the region of interest, used by another mode only
  std::vector<double> scales;
  if (const at::Tensor constant = p.take(2); constant.defined()) {
    const at::Tensor values = constant.to(at::kDouble).contiguous();
    scales.assign(values.const_data_ptr<double>(),
                  values.const_data_ptr<double>() + values.numel());
  }
  const IntegerList sizes(p, "sizes", 3);
  TORCH_CHECK(sizes.given() || scales.size() == 4, "Resize: neither sizes nor constant scales");
  return [=](const Values& in, Values& out) {
    const at::Tensor& x = in[0];
    std::array<int64_t, 2> size{};
    if (sizes.given()) {
      const std::vector<int64_t> wanted = sizes.get(in);
      TORCH_CHECK(wanted.size() == 4, "Resize: sizes must name four axes");
      size = {wanted[2], wanted[3]};
    } else {
      size = {static_cast<int64_t>(std::floor(static_cast<double>(x.size(2)) * scales[2])),
              static_cast<int64_t>(std::floor(static_cast<double>(x.size(3)) * scales[3]))};
    }
    if (nearest && x.is_cuda() && x.scalar_type() == at::kHalf && x.size(1) % 8 == 0) {
      out[0] = cuda::resize_nearest(x, size[0], size[1]);
      return;
    }
    out[0] = nearest ? at::upsample_nearest2d(x, size) : at::upsample_bilinear2d(x, size, false);
  };
}

}  // namespace

std::vector<OperatorEntry> convolution_operators() {
  return {{"Conv", convolution, 2},
          {"ConvTranspose", transposed_convolution, 2},
          {"BatchNormalization", batch_normalization, 5},
          {"MaxPool", max_pool, 1},
          {"AveragePool", average_pool, 1},
          {"GlobalAveragePool", global_average_pool, 1},
          {"Resize", resize, 1}};
}

}  // namespace pdf2md::models::onnx
