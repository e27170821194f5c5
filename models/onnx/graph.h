// The interpreter's graph: ONNX nodes with their constants beside them, in an order in which they
// can run.
#pragma once

#include "models/aten.h"

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/onnx/model.h"

namespace pdf2md::models::onnx {

// A node's attributes by name, with the defaults of the operator's specification given by the
// caller.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(std::vector<Attribute> list);

  bool has(const std::string& name) const { return find(name) != nullptr; }
  int64_t integer(const std::string& name, int64_t otherwise) const;
  double number(const std::string& name, double otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  std::vector<int64_t> integers(const std::string& name,
                                const std::vector<int64_t>& otherwise) const;
  const Attribute* find(const std::string& name) const;

  void set(const std::string& name, double value);
  void set(const std::string& name, const std::string& value);

 private:
  std::map<std::string, Attribute> map_;
};

struct Node {
  std::string op;  // ONNX's operator, or one of ours after fusion (fusion.h)
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  Attributes attributes;

  const std::string& output() const { return outputs.front(); }
};

struct Graph {
  int64_t opset = 0;
  std::vector<Node> nodes;
  std::unordered_map<std::string, at::Tensor> constants;  // on the host, as in the file
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;

  const at::Tensor* constant(const std::string& name) const;
};

// A tensor on the host. Throws c10::Error.
at::Tensor to_tensor(const TensorData& data);
// The torch type of an ONNX type number; throws c10::Error where there is none.
at::ScalarType scalar_type(ElementType type);

// Moves constants out of the nodes, removes Identity nodes, evaluates what depends on constants
// only, and drops what `outputs` (empty: the file's own) do not need. A Reshape of an activation
// whose target has a literal batch of 1 is made to keep the batch of its input: some exporters bake
// it in. Throws c10::Error.
Graph build_graph(ModelData model, const std::vector<std::string>& outputs);

// Drops the nodes and constants that the outputs do not need.
void remove_unused(Graph& graph);

}  // namespace pdf2md::models::onnx
