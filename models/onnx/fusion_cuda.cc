#include "models/cuda/best_class.h"
#include "models/cuda/gate.h"
#include "models/onnx/fusion.h"
#include "models/onnx/fusion_pass.h"

namespace pdf2md::models::onnx {

namespace {

// A convolution of one pixel, one group and constant weights and bias; an undefined tensor for others.
at::Tensor pointwise_weight(const Pass& pass, const Node* node, const char* activation) {
  if (node == nullptr || node->op != "Conv" || node->inputs.size() != 3) return {};
  const Attributes& a = node->attributes;
  const at::Tensor weight = pass.constant(node->inputs[1]);
  const bool plain = weight.defined() && weight.dim() == 4 && weight.size(2) == 1 &&
                     weight.size(3) == 1 && a.integer("group", 1) == 1 &&
                     a.text(kActivation, "") == activation && pass.is_constant(node->inputs[2]);
  return plain ? weight : at::Tensor();
}

bool is_mean_of_image(const Node& node) {
  if (node.op == "GlobalAveragePool") return true;
  return node.op == "ReduceMean" && node.attributes.integer("keepdims", 1) != 0 &&
         node.attributes.integers("axes", {}) == std::vector<int64_t>{2, 3};
}

// x · hardsigmoid(W₂ relu(W₁ mean(x))), and the same + x.
void fuse_squeeze_excite(Graph& graph) {
  Pass pass(graph);
  for (Node& mean : pass.nodes()) {
    if (!is_mean_of_image(mean)) continue;
    const std::string x = mean.inputs[0];
    Node* first = pass.only_user(&mean);
    Node* second = pass.only_user(first);
    Node* slope = pass.only_user(second, "HardSigmoid");
    Node* product = pass.only_user(slope, "Mul");
    const at::Tensor w1 = pointwise_weight(pass, first, "Relu"),
                     w2 = pointwise_weight(pass, second, "");
    if (product == nullptr || !uses(product, x) || !w1.defined() || !w2.defined() ||
        w1.size(1) != w2.size(0) || !cuda::Gate::has(w1.size(1), w1.size(0)))
      continue;
    Node* sum = pass.only_user(product, "Add");
    const bool more = sum != nullptr && uses(sum, x);
    Node* result = more ? sum : product;
    const double alpha = slope->attributes.number("alpha", 0.2),
                 beta = slope->attributes.number("beta", 0.5);
    const std::vector<std::string> inputs = {x, first->inputs[1], first->inputs[2],
                                             second->inputs[1], second->inputs[2]};
    pass.kill({&mean, first, second, slope});
    if (more) pass.kill({product});
    become(result, "SqueezeExcite", inputs);
    result->attributes.set("alpha", alpha);
    result->attributes.set("beta", beta);
    result->attributes.set("more", more ? 1.0 : 0.0);
  }
}

bool has_axes(const Node* node, const std::vector<int64_t>& order) {
  return node != nullptr && node->attributes.integers("perm", {}) == order;
}

// Queries, keys and values out of one Linear, softmax(scale · q kᵀ) v, and the heads beside each other.
void fuse_attention(Graph& graph) {
  Pass pass(graph);
  for (Node& linear : pass.nodes()) {
    if (linear.op != "Linear") continue;
    Node* split = pass.only_user(&linear, "Reshape");
    Node* apart = pass.only_user(split, "Transpose");
    if (!has_axes(apart, {2, 0, 3, 1, 4}) || pass.users(apart->output()).size() != 3) continue;
    const at::Tensor shape = pass.constant(split->inputs[1]);
    if (!shape.defined() || shape.numel() != 5 || shape[2].item<int64_t>() != 3) continue;
    std::array<Node*, 3> slices{}, parts{};
    for (Node* slice : pass.users(apart->output())) {
      if (slice == nullptr || slice->op != "Slice" || slice->inputs.size() < 4) continue;
      const at::Tensor start = pass.constant(slice->inputs[1]),
                       axis = pass.constant(slice->inputs[3]);
      if (!start.defined() || start.numel() != 1 || !axis.defined() || axis.numel() != 1 ||
          axis.item<int64_t>() != 0)
        continue;
      const int64_t which = start.item<int64_t>();
      if (which < 0 || which > 2) continue;
      slices[static_cast<size_t>(which)] = slice;
      parts[static_cast<size_t>(which)] = pass.only_user(slice, "Squeeze");
    }
    Node* scaled = pass.only_user(parts[0], "Mul");
    Node* shifted = pass.only_user(scaled, "Add");
    Node* turned = pass.only_user(parts[1], "Transpose");
    Node* likeness = pass.only_user(shifted, "MatMul");
    Node* weights = pass.only_user(likeness, "Softmax");
    Node* mixed = pass.only_user(weights, "MatMul");
    Node* together = pass.only_user(mixed, "Transpose");
    Node* result = pass.only_user(together, "Reshape");
    if (result == nullptr || !has_axes(turned, {0, 1, 3, 2}) || !has_axes(together, {0, 2, 1, 3}) ||
        pass.only_user(turned) != likeness || pass.only_user(parts[2]) != mixed ||
        likeness->inputs[0] != shifted->output() || mixed->inputs[0] != weights->output() ||
        !pass.has_scalar(shifted, 0))
      continue;
    const at::Tensor factor =
        pass.constant(scaled->inputs[pass.is_constant(scaled->inputs[0]) ? 0 : 1]);
    const int64_t axis = weights->attributes.integer("axis", -1);
    if (!factor.defined() || factor.numel() != 1 || (axis != 3 && axis != -1)) continue;
    pass.kill({split, apart, slices[0], slices[1], slices[2], parts[0], parts[1], parts[2], scaled,
               shifted, turned, likeness, weights, mixed, together});
    become(result, "Attention", {linear.output()});
    result->attributes.set("heads", static_cast<double>(shape[3].item<int64_t>()));
    result->attributes.set("scale", factor.to(at::kDouble).item<double>());
  }
}

// Outputs of a convolution in steps of eight, where only another convolution reads them: the channels
// that come are zeros, which it multiplies with zeros.
void round_up_channels(Graph& graph) {
  static const std::unordered_set<std::string> kZeroAtZero = {"", "Relu", "HardSwish", "Silu",
                                                              "Gelu"};
  Pass pass(graph);
  for (Node& node : pass.nodes()) {
    Node* next = pass.only_user(&node, "Conv");
    if (node.op != "Conv" || next == nullptr || node.inputs.size() != 3) continue;
    const at::Tensor weight = pass.constant(node.inputs[1]), bias = pass.constant(node.inputs[2]),
                     reader = pass.constant(next->inputs[1]);
    if (!weight.defined() || !bias.defined() || !reader.defined() || weight.dim() != 4 ||
        weight.size(0) % 8 == 0 || bias.numel() != weight.size(0) ||
        reader.size(1) != weight.size(0) || node.attributes.integer("group", 1) != 1 ||
        next->attributes.integer("group", 1) != 1 || next->inputs[0] != node.output() ||
        !kZeroAtZero.contains(node.attributes.text(kActivation, "")))
      continue;
    const int64_t more = 8 - weight.size(0) % 8;
    const auto rename = [&](std::string& input, const at::Tensor& value) {
      input = node.output() + "#" + input;
      pass.set_constant(input, value);
    };
    rename(node.inputs[1], at::constant_pad_nd(weight, {0, 0, 0, 0, 0, 0, 0, more}));
    rename(node.inputs[2], at::constant_pad_nd(bias, {0, more}));
    rename(next->inputs[1], at::constant_pad_nd(reader, {0, 0, 0, 0, 0, more}));
  }
}

// Conv or Linear + Add of another value. Of two that could, the one that comes last: the other's
// result is there by then.
void fuse_residual(Graph& graph) {
  Pass pass(graph);
  std::unordered_map<std::string, Node*> producers;
  for (Node& node : pass.nodes())
    for (const std::string& output : node.outputs) producers[output] = &node;
  for (Node& sum : pass.nodes()) {
    if (sum.op != "Add" || pass.is_constant(sum.inputs[0]) || pass.is_constant(sum.inputs[1]))
      continue;
    const auto producer = [&](size_t i) {
      const auto found = producers.find(sum.inputs[i]);
      return found == producers.end() ? nullptr : found->second;
    };
    const size_t last = producer(0) > producer(1) ? 0 : 1;  // they lie in the order of the graph
    Node* node = producer(last);
    if (node == nullptr || producer(0) == producer(1) || pass.only_user(node) != &sum ||
        (node->op != "Conv" && node->op != "Linear") || node->attributes.has(kResidual) ||
        node->attributes.integer("group", 1) != 1)
      continue;
    node->inputs.resize(3);
    node->inputs.push_back(sum.inputs[1 - last]);
    node->attributes.set(kResidual, 1.0);
    node->outputs = sum.outputs;
    producers[node->output()] = node;
    pass.kill({&sum});
  }
}

}  // namespace

void fuse_best_class(Graph& graph) {
  for (Node& node : graph.nodes) {
    const bool last = graph.outputs.size() == 1 && node.outputs == graph.outputs;
    if (!last || node.op != "Linear" || node.attributes.has(kActivation) ||
        node.attributes.has(kResidual))
      continue;
    const at::Tensor* weight = graph.constant(node.inputs[1]);
    if (weight != nullptr && cuda::BestClass::has(weight->size(1))) node.op = "BestClass";
  }
}

void fuse_for_cuda(Graph& graph) {
  fuse_squeeze_excite(graph);
  fuse_attention(graph);
  round_up_channels(graph);
  fuse_residual(graph);
  remove_unused(graph);
}

}  // namespace pdf2md::models::onnx
