// Operators that move elements or compute shapes, and reductions.
#include "models/aten.h"

#include "models/cuda/channels_last.h"
#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

namespace {

Kernel identity(Preparation&) {
  return unary([](const at::Tensor& x) { return x; });
}

Kernel shape(Preparation& p) {
  TORCH_CHECK(!p.node.attributes.has("start") && !p.node.attributes.has("end"),
              "Shape: start and end are not supported");
  return unary([](const at::Tensor& x) { return at::tensor(x.sizes(), at::kLong); });
}

Kernel cast(Preparation& p) {
  const at::ScalarType to =
      scalar_type(static_cast<ElementType>(p.node.attributes.integer("to", 0)));
  const at::ScalarType precision = p.target.dtype;
  return unary([=](const at::Tensor& x) {
    // What the file calls float is this target's precision; host tensors are shapes and stay exact.
    return x.to(to == at::kFloat && !x.device().is_cpu() ? precision : to);
  });
}

Kernel reshape(Preparation& p) {
  const bool zero_is_zero = p.node.attributes.integer("allowzero", 0) != 0;
  const IntegerList target(p, "shape", 1);
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> sizes = target.get(in);
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 0 && !zero_is_zero) sizes[i] = in[0].size(static_cast<int64_t>(i));
    }
    out[0] = in[0].reshape(sizes);
  };
}

Kernel flatten(Preparation& p) {
  const int64_t axis = p.node.attributes.integer("axis", 1);
  return unary([axis](const at::Tensor& x) {
    const int64_t from = axis < 0 ? axis + x.dim() : axis;
    int64_t rows = 1;
    for (int64_t i = 0; i < from; ++i) rows *= x.size(i);
    return x.reshape({rows, -1});
  });
}

Kernel transpose(Preparation& p) {
  const std::vector<int64_t> order = p.node.attributes.integers("perm", {});
  return unary([order](const at::Tensor& x) {
    if (!order.empty()) return x.permute(order);
    std::vector<int64_t> reversed;
    for (int64_t i = x.dim(); i-- > 0;) reversed.push_back(i);
    return x.permute(reversed);
  });
}

Kernel squeeze(Preparation& p) {
  const IntegerList axes(p, "axes", 1);
  return [=](const Values& in, Values& out) {
    out[0] = axes.given() ? at::squeeze(in[0], axes.get(in)) : at::squeeze(in[0]);
  };
}

Kernel unsqueeze(Preparation& p) {
  const IntegerList axes(p, "axes", 1);
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> where = axes.get(in);
    const int64_t rank = in[0].dim() + static_cast<int64_t>(where.size());
    for (int64_t& axis : where) axis = axis < 0 ? axis + rank : axis;
    std::sort(where.begin(), where.end());
    out[0] = in[0];
    for (const int64_t axis : where) out[0] = out[0].unsqueeze(axis);
  };
}

Kernel concat(Preparation& p) {
  const int64_t axis = p.node.attributes.integer("axis", 0);
  return [axis](const Values& in, Values& out) {
    std::vector<at::Tensor> parts;
    for (const at::Tensor& part : in) parts.push_back(part.dim() == 0 ? part.reshape(-1) : part);
    out[0] =
        cuda::can_join_channels(parts, axis) ? cuda::join_channels(parts) : at::cat(parts, axis);
  };
}

Kernel split(Preparation& p) {
  const int64_t axis = p.node.attributes.integer("axis", 0);
  const IntegerList sizes(p, "split", 1);
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> parts = sizes.get(in);
    const int64_t count = static_cast<int64_t>(out.size()), total = in[0].size(axis);
    if (parts.empty()) {
      const int64_t each = (total + count - 1) / count;
      for (int64_t i = 0; i < count; ++i) parts.push_back(std::min(each, total - i * each));
    }
    TORCH_CHECK(static_cast<int64_t>(parts.size()) == count,
                "Split: the sizes do not fit the outputs");
    out = at::split_with_sizes(in[0], parts, axis);
  };
}

Kernel slice(Preparation& p) {
  const IntegerList starts(p, "starts", 1), ends(p, "ends", 2), axes(p, "axes", 3),
      steps(p, "steps", 4);
  return [=](const Values& in, Values& out) {
    const std::vector<int64_t> from = starts.get(in), to = ends.get(in);
    std::vector<int64_t> axis = axes.get(in), step = steps.get(in);
    for (size_t i = axis.size(); i < from.size(); ++i) axis.push_back(static_cast<int64_t>(i));
    step.resize(from.size(), 1);
    TORCH_CHECK(to.size() == from.size() && axis.size() == from.size(),
                "Slice: lists of different lengths");
    out[0] = in[0];
    for (size_t i = 0; i < from.size(); ++i) {
      TORCH_CHECK(step[i] > 0, "Slice: steps below 1 are not supported");
      out[0] = at::slice(out[0], axis[i], from[i], to[i], step[i]);
    }
  };
}

Kernel gather(Preparation& p) {
  const int64_t axis = p.node.attributes.integer("axis", 0);
  return [axis](const Values& in, Values& out) {
    const int64_t at_axis = axis < 0 ? axis + in[0].dim() : axis;
    const int64_t size = in[0].size(at_axis);
    at::Tensor index = in[1].to(in[0].device(), at::kLong);
    index = at::where(index < 0, index + size, index);
    std::vector<int64_t> sizes = in[0].sizes().vec();
    sizes.erase(sizes.begin() + at_axis);
    sizes.insert(sizes.begin() + at_axis, index.sizes().begin(), index.sizes().end());
    out[0] = at::index_select(in[0], at_axis, index.reshape(-1)).reshape(sizes);
  };
}

Kernel constant_of_shape(Preparation& p) {
  const Attribute* value = p.node.attributes.find("value");
  const at::Tensor fill = value == nullptr ? at::zeros({1}, at::kFloat) : to_tensor(value->tensor);
  TORCH_CHECK(fill.numel() == 1, "ConstantOfShape: the value must have one element");
  const at::Scalar scalar = fill.item();
  const bool weight_like = fill.is_floating_point();
  const at::TensorOptions options = weight_like
                                        ? at::TensorOptions(p.target.device).dtype(p.target.dtype)
                                        : at::TensorOptions(at::kCPU).dtype(fill.scalar_type());
  const IntegerList sizes(p, "", 0);
  return [=](const Values& in, Values& out) { out[0] = at::full(sizes.get(in), scalar, options); };
}

Kernel expand(Preparation& p) {
  const IntegerList sizes(p, "", 1);
  return [=](const Values& in, Values& out) {
    out[0] = in[0].expand(at::infer_size(in[0].sizes(), sizes.get(in)));
  };
}

template <at::Tensor (*kReduce)(const at::Tensor&, at::IntArrayRef, bool)>
Kernel reduction(Preparation& p) {
  p.set_batch_dependent();
  const bool keep = p.node.attributes.integer("keepdims", 1) != 0;
  const IntegerList axes(p, "axes", 1);
  return [=](const Values& in, Values& out) {
    std::vector<int64_t> over = axes.get(in);
    if (over.empty()) {
      for (int64_t i = 0; i < in[0].dim(); ++i) over.push_back(i);
    }
    out[0] = kReduce(in[0], over, keep);
  };
}

at::Tensor mean(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
  return at::mean(x, axes, keep);
}
at::Tensor sum(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
  return at::sum(x, axes, keep);
}

Kernel arg_max(Preparation& p) {
  const int64_t axis = p.node.attributes.integer("axis", 0);
  const bool keep = p.node.attributes.integer("keepdims", 1) != 0;
  return unary([=](const at::Tensor& x) { return at::argmax(x, axis, keep); });
}

}  // namespace

std::vector<OperatorEntry> reduction_operators() {
  return {{"ReduceMean", reduction<mean>, 1},
          {"ReduceSum", reduction<sum>, 1},
          {"ReduceMax", reduction<at::amax>, 1},
          {"ReduceMin", reduction<at::amin>, 1},
          {"ArgMax", arg_max, 1}};
}

std::vector<OperatorEntry> shape_operators() {
  return {{"Identity", identity, 1},
          {"Shape", shape, 1},
          {"Cast", cast, 1},
          {"Reshape", reshape, 2},
          {"Flatten", flatten, 1},
          {"Transpose", transpose, 1},
          {"Squeeze", squeeze, 1},
          {"Unsqueeze", unsqueeze, 1},
          {"Concat", concat, 1},
          {"Split", split, 1},
          {"Slice", slice, 1},
          {"Gather", gather, 2},
          {"ConstantOfShape", constant_of_shape, 1},
          {"Expand", expand, 2}};
}

}  // namespace pdf2md::models::onnx
