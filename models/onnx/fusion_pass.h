// What the passes over a graph that join nodes have in common.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/onnx/graph.h"

namespace pdf2md::models::onnx {

// One pass over the graph: who uses what, and which nodes have been absorbed by others.
class Pass {
 public:
  explicit Pass(Graph& graph) : graph_(graph), dead_(graph.nodes.size(), false) {
    for (Node& node : graph.nodes) {
      for (const std::string& input : node.inputs) users_[input].push_back(&node);
    }
    for (const std::string& output : graph.outputs) users_[output].push_back(nullptr);
  }
  // Removes the absorbed nodes.
  ~Pass() {
    std::vector<Node> kept;
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!dead_[i]) kept.push_back(std::move(graph_.nodes[i]));
    }
    graph_.nodes = std::move(kept);
  }

  std::vector<Node>& nodes() { return graph_.nodes; }
  bool is_dead(const Node& node) const {
    return dead_[static_cast<size_t>(&node - graph_.nodes.data())];
  }
  void kill(std::initializer_list<const Node*> nodes) {
    for (const Node* node : nodes) dead_[static_cast<size_t>(node - graph_.nodes.data())] = true;
  }

  // The one node that uses this node's result; nullptr where there are several or it is an output.
  Node* only_user(const Node* node) {
    if (node == nullptr || node->outputs.size() != 1) return nullptr;
    const std::vector<Node*>& users = users_[node->output()];
    return users.size() == 1 ? users[0] : nullptr;
  }
  Node* only_user(const Node* node, const char* op) {
    Node* user = only_user(node);
    return user != nullptr && user->op == op ? user : nullptr;
  }
  const std::vector<Node*>& users(const std::string& value) { return users_[value]; }

  at::Tensor constant(const std::string& name) const {
    const at::Tensor* found = graph_.constant(name);
    return found == nullptr ? at::Tensor() : *found;
  }
  void set_constant(const std::string& name, at::Tensor value) {
    graph_.constants[name] = std::move(value);
  }
  bool is_constant(const std::string& name) const { return graph_.constant(name) != nullptr; }

  // Is it a constant of one element with this value?
  bool is_scalar(const std::string& name, double value) const {
    const at::Tensor tensor = constant(name);
    return tensor.defined() && tensor.numel() == 1 && tensor.is_floating_point() &&
           std::abs(tensor.item<double>() - value) < 1e-4;
  }
  bool has_scalar(const Node* node, double value) const {
    return std::any_of(node->inputs.begin(), node->inputs.end(),
                       [&](const std::string& input) { return is_scalar(input, value); });
  }

 private:
  Graph& graph_;
  std::vector<bool> dead_;
  std::unordered_map<std::string, std::vector<Node*>> users_;
};

inline bool uses(const Node* node, const std::string& value) {
  return std::find(node->inputs.begin(), node->inputs.end(), value) != node->inputs.end();
}

inline void become(Node* node, const char* op, std::vector<std::string> inputs) {
  node->op = op;
  node->inputs = std::move(inputs);
  node->attributes = {};
}

}  // namespace pdf2md::models::onnx
