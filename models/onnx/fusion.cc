#include "models/onnx/fusion.h"

#include <numbers>

#include "models/onnx/fusion_pass.h"

namespace pdf2md::models::onnx {

namespace {

// Conv + Add of one number a channel, Conv + BatchNormalization. Returns whether anything changed:
// a convolution may be followed by both.
bool fuse_convolution_bias(Graph& graph) {
  Pass pass(graph);
  bool changed = false;
  for (Node& node : pass.nodes()) {
    const bool transposed = node.op == "ConvTranspose";
    if (pass.is_dead(node) || (node.op != "Conv" && !transposed)) continue;
    Node* next = pass.only_user(&node);
    const at::Tensor weight = pass.constant(node.inputs[1]);
    if (next == nullptr || pass.is_dead(*next) || !weight.defined() || weight.dim() != 4) continue;
    const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
    if (has_bias && !pass.is_constant(node.inputs[2])) continue;
    const int64_t channels =
        transposed ? weight.size(1) * node.attributes.integer("group", 1) : weight.size(0);
    const at::Tensor bias = has_bias ? pass.constant(node.inputs[2]).to(at::kDouble)
                                     : at::zeros({channels}, at::kDouble);
    const std::string name = next->output() + "#bias";
    if (next->op == "Add") {
      const std::string& other = next->inputs[next->inputs[0] == node.output() ? 1 : 0];
      const at::Tensor addend = pass.constant(other);
      if (!addend.defined() || addend.numel() != channels || addend.dim() < 3 ||
          addend.size(addend.dim() - 3) != channels) {
        continue;
      }
      pass.set_constant(name, (addend.reshape(-1).to(at::kDouble) + bias).to(at::kFloat));
      node.inputs = {node.inputs[0], node.inputs[1], name};
    } else if (next->op == "BatchNormalization" && !transposed && next->inputs.size() == 5) {
      std::array<at::Tensor, 4> parameters;  // scale, shift, mean, variance
      bool constant = true;
      for (size_t i = 0; i < parameters.size(); ++i) {
        parameters[i] = pass.constant(next->inputs[i + 1]);
        constant = constant && parameters[i].defined() && parameters[i].numel() == channels;
        if (constant) parameters[i] = parameters[i].to(at::kDouble);
      }
      if (!constant) continue;
      const double epsilon = next->attributes.number("epsilon", 1e-5);
      const at::Tensor scale = parameters[0] / at::sqrt(parameters[3] + epsilon);
      const std::string weight_name = next->output() + "#weight";
      pass.set_constant(weight_name,
                        (weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(at::kFloat));
      pass.set_constant(name, ((bias - parameters[2]) * scale + parameters[1]).to(at::kFloat));
      node.inputs = {node.inputs[0], weight_name, name};
    } else {
      continue;
    }
    node.outputs = next->outputs;
    pass.kill({next});
    changed = true;
  }
  return changed;
}

// x · ½ · (1 + erf(x / √2)), with the products in either order.
void fuse_gelu(Graph& graph) {
  Pass pass(graph);
  for (Node& division : pass.nodes()) {
    if (division.op != "Div" || !pass.is_scalar(division.inputs[1], std::numbers::sqrt2)) continue;
    Node* erf = pass.only_user(&division, "Erf");
    Node* plus_one = pass.only_user(erf, "Add");
    Node* first = pass.only_user(plus_one, "Mul");
    Node* second = pass.only_user(first, "Mul");
    if (second == nullptr || !pass.has_scalar(plus_one, 1)) continue;
    const std::string x = division.inputs[0];
    const bool x_then_half = uses(first, x) && pass.has_scalar(second, 0.5);
    const bool half_then_x = pass.has_scalar(first, 0.5) && uses(second, x);
    if (!x_then_half && !half_then_x) continue;
    pass.kill({&division, erf, plus_one, first});
    become(second, "Gelu", {x});
  }
}

// x · clip(x + 3, 0, 6) / 6 in any order, and x · HardSigmoid(x) with a slope of 1/6.
void fuse_hard_swish(Graph& graph) {
  Pass pass(graph);
  for (Node& node : pass.nodes()) {
    if (node.op == "HardSigmoid") {
      Node* product = pass.only_user(&node, "Mul");
      const bool slope = std::abs(node.attributes.number("alpha", 0.2) - 1.0 / 6) < 1e-4 &&
                         std::abs(node.attributes.number("beta", 0.5) - 0.5) < 1e-6;
      if (product == nullptr || !slope || !uses(product, node.inputs[0])) continue;
      const std::string x = node.inputs[0];
      pass.kill({&node});
      become(product, "HardSwish", {x});
      continue;
    }
    if (node.op != "Add" || !pass.has_scalar(&node, 3)) continue;
    const std::string x = node.inputs[pass.is_constant(node.inputs[0]) ? 1 : 0];
    Node* clip = pass.only_user(&node, "Clip");
    Node* first = pass.only_user(clip);
    Node* second = pass.only_user(first);
    if (second == nullptr || pass.is_constant(x)) continue;
    const bool to_six =
        clip->inputs.size() == 3
            ? pass.is_scalar(clip->inputs[1], 0) && pass.is_scalar(clip->inputs[2], 6)
            : clip->attributes.number("min", -1) == 0 && clip->attributes.number("max", -1) == 6;
    const auto is_sixth = [&](const Node* n) {
      return (n->op == "Div" && pass.is_scalar(n->inputs[1], 6)) ||
             (n->op == "Mul" && pass.has_scalar(n, 1.0 / 6));
    };
    const auto is_product = [&](const Node* n) { return n->op == "Mul" && uses(n, x); };
    if (!to_six ||
        !((is_sixth(first) && is_product(second)) || (is_product(first) && is_sixth(second))))
      continue;
    pass.kill({&node, clip, first});
    become(second, "HardSwish", {x});
  }
}

void fuse_silu(Graph& graph) {
  Pass pass(graph);
  for (Node& node : pass.nodes()) {
    if (node.op != "Sigmoid") continue;
    Node* product = pass.only_user(&node, "Mul");
    if (product == nullptr || !uses(product, node.inputs[0])) continue;
    const std::string x = node.inputs[0];
    pass.kill({&node});
    become(product, "Silu", {x});
  }
}

// (x − mean) / √(mean of squares + ε) · w + b over the last axis.
void fuse_layer_norm(Graph& graph) {
  Pass pass(graph);
  for (Node& mean : pass.nodes()) {
    if (mean.op != "ReduceMean" || mean.attributes.integers("axes", {}) != std::vector<int64_t>{-1})
      continue;
    const std::string x = mean.inputs[0];
    Node* difference = pass.only_user(&mean, "Sub");
    if (difference == nullptr || difference->inputs != std::vector<std::string>{x, mean.output()})
      continue;
    Node* square = nullptr;
    Node* quotient = nullptr;
    for (Node* user : pass.users(difference->output())) {
      if (user != nullptr && user->op == "Pow" && pass.is_scalar(user->inputs[1], 2)) square = user;
      if (user != nullptr && user->op == "Div") quotient = user;
    }
    if (square == nullptr || quotient == nullptr || pass.users(difference->output()).size() != 2)
      continue;
    Node* variance = pass.only_user(square, "ReduceMean");
    Node* shifted = pass.only_user(variance, "Add");
    Node* root = pass.only_user(shifted, "Sqrt");
    Node* scaled = pass.only_user(quotient, "Mul");
    Node* result = pass.only_user(scaled, "Add");
    if (root == nullptr || result == nullptr || pass.only_user(root) != quotient) continue;
    const auto constant_input = [&](const Node* node) {
      return pass.is_constant(node->inputs[0]) ? node->inputs[0] : node->inputs[1];
    };
    const std::string weight = constant_input(scaled), bias = constant_input(result);
    const at::Tensor epsilon = pass.constant(constant_input(shifted));
    if (!pass.is_constant(weight) || !pass.is_constant(bias) || !epsilon.defined() ||
        epsilon.numel() != 1)
      continue;
    pass.kill({&mean, difference, square, variance, shifted, root, quotient, scaled});
    become(result, "LayerNorm", {x, weight, bias});
    result->attributes.set("epsilon", epsilon.item<double>());
  }
}

// MatMul with a constant matrix + Add of a constant row.
void fuse_linear(Graph& graph) {
  Pass pass(graph);
  for (Node& product : pass.nodes()) {
    if (product.op != "MatMul" || pass.is_constant(product.inputs[0])) continue;
    const at::Tensor weight = pass.constant(product.inputs[1]);
    Node* sum = pass.only_user(&product, "Add");
    if (!weight.defined() || weight.dim() != 2 || sum == nullptr) continue;
    const std::string bias_name = sum->inputs[sum->inputs[0] == product.output() ? 1 : 0];
    const at::Tensor bias = pass.constant(bias_name);
    if (!bias.defined() || bias.numel() != weight.size(1) || bias.size(-1) != bias.numel())
      continue;
    const std::string x = product.inputs[0];
    const std::string name = sum->output() + "#bias";
    const std::string weight_name = sum->output() + "#weight";
    pass.set_constant(name, bias.reshape(-1));
    pass.set_constant(weight_name, weight.t().contiguous());
    pass.kill({&product});
    become(sum, "Linear", {x, weight_name, name});
  }
}

// The activation right behind a convolution or a Linear.
void fuse_activation(Graph& graph) {
  Pass pass(graph);
  for (Node& node : pass.nodes()) {
    if (node.op != "Conv" && node.op != "ConvTranspose" && node.op != "Linear") continue;
    Node* next = pass.only_user(&node);
    if (next == nullptr || next->inputs.size() != 1) continue;
    static const std::unordered_set<std::string> kFusable = {"Relu", "HardSwish", "Silu", "Gelu",
                                                             "Sigmoid"};
    if (!kFusable.contains(next->op)) continue;
    node.attributes.set(kActivation, next->op);
    node.outputs = next->outputs;
    pass.kill({next});
  }
}

}  // namespace

void fuse(Graph& graph) {
  while (fuse_convolution_bias(graph)) {
  }
  fuse_gelu(graph);
  fuse_hard_swish(graph);
  fuse_silu(graph);
  fuse_layer_norm(graph);
  fuse_linear(graph);
  fuse_activation(graph);
  remove_unused(graph);
}

InPlace in_place_activation(const std::string& name) {
  if (name.empty()) return nullptr;
  if (name == "Relu") return [](at::Tensor& x) { at::relu_(x); };
  if (name == "HardSwish") return [](at::Tensor& x) { at::hardswish_(x); };
  if (name == "Silu") return [](at::Tensor& x) { at::silu_(x); };
  if (name == "Gelu") return [](at::Tensor& x) { at::gelu_(x); };
  if (name == "Sigmoid") return [](at::Tensor& x) { at::sigmoid_(x); };
  TORCH_CHECK(false, "no activation ", name);
}

}  // namespace pdf2md::models::onnx
