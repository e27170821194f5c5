// ONNX operators on ATen. https://onnx.ai/onnx/operators/
//
// An operator is prepared once, at load: its attributes are read, its constants taken, and what it
// cannot do is refused there. The kernel that comes out runs many times.
//
// Integers (shapes and indices made from shapes) stay on the host, so that running a graph never
// waits for the device.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/onnx/graph.h"

namespace pdf2md::models::onnx {

// Where and in which precision a graph runs.
struct Target {
  at::Device device;
  at::ScalarType dtype;
  int64_t opset;
};

// Undefined where an optional input is left out or was taken at preparation.
using Values = std::vector<at::Tensor>;
// Fills out[i]; `out` has as many elements as the node has outputs. Throws c10::Error.
using Kernel = std::function<void(const Values& in, Values& out)>;

class Preparation {
 public:
  Preparation(const Graph& graph, const Node& node, const Target& target)
      : node(node), target(target), graph_(graph), taken_(node.inputs.size(), false) {}

  bool has_input(size_t i) const { return i < node.inputs.size() && !node.inputs[i].empty(); }
  // Input i where it is constant (on the host), else undefined.
  at::Tensor constant(size_t i) const;
  // The same, and the kernel will not need it at run time.
  at::Tensor take(size_t i);
  bool is_taken(size_t i) const { return taken_[i]; }
  // As the weights of this target: on its device, in its precision.
  at::Tensor on_target(const at::Tensor& constant) const;

  // Says that the numbers of an image may depend on how many others are beside it: a library chooses
  // by the size of the whole how to do it.
  void set_batch_dependent() { batch_dependent_ = true; }
  bool batch_dependent() const { return batch_dependent_; }

  const Node& node;
  const Target& target;

 private:
  const Graph& graph_;
  std::vector<bool> taken_;
  bool batch_dependent_ = false;
};

bool is_supported(const std::string& op);
// Has every node an operator that is supported, and as many inputs as that needs? Throws c10::Error
// where not.
void check_nodes(const Graph& graph);
// Throws c10::Error, naming the operator and what is not supported.
Kernel prepare(Preparation& preparation);

// --- for the files that implement operators

using Prepare = Kernel (*)(Preparation&);
struct OperatorEntry {
  const char* op;
  Prepare prepare;
  size_t inputs;  // at least so many
};
std::vector<OperatorEntry> convolution_operators();
std::vector<OperatorEntry> elementwise_operators();
std::vector<OperatorEntry> reduction_operators();
std::vector<OperatorEntry> shape_operators();
std::vector<OperatorEntry> fused_operators();

// The elements of a host tensor of integers, or of a float tensor that holds whole numbers.
std::vector<int64_t> to_integers(const at::Tensor& tensor);

// A list of integers that is an attribute in older operator sets and an input in newer ones.
class IntegerList {
 public:
  IntegerList(Preparation& preparation, const char* attribute, size_t input);
  bool given() const { return fixed_.has_value() || dynamic_; }
  std::vector<int64_t> get(const Values& in) const;

 private:
  std::optional<std::vector<int64_t>> fixed_;
  bool dynamic_ = false;
  size_t input_ = 0;
};

// The kernel of a function of the first input alone.
template <class Function>
Kernel unary(Function function) {
  return [function](const Values& in, Values& out) { out[0] = function(in[0]); };
}

}  // namespace pdf2md::models::onnx
