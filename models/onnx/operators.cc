#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

namespace {

const std::unordered_map<std::string, OperatorEntry>& table() {
  static const std::unordered_map<std::string, OperatorEntry> operators = [] {
    std::unordered_map<std::string, OperatorEntry> all;
    for (const std::vector<OperatorEntry>& list :
         {convolution_operators(), elementwise_operators(), reduction_operators(),
          shape_operators(), fused_operators()}) {
      for (const OperatorEntry& entry : list) all[entry.op] = entry;
    }
    return all;
  }();
  return operators;
}

}  // namespace

at::Tensor Preparation::constant(size_t i) const {
  if (!has_input(i)) return {};
  const at::Tensor* found = graph_.constant(node.inputs[i]);
  return found == nullptr ? at::Tensor() : *found;
}

at::Tensor Preparation::take(size_t i) {
  at::Tensor value = constant(i);
  if (value.defined()) taken_[i] = true;
  return value;
}

at::Tensor Preparation::on_target(const at::Tensor& constant) const {
  if (!constant.defined() || !constant.is_floating_point()) return constant;
  at::Tensor moved = constant.to(target.device, target.dtype);
  if (moved.dim() == 4) moved = moved.contiguous(at::MemoryFormat::ChannelsLast);
  return moved;
}

bool is_supported(const std::string& op) {
  return table().contains(op);
}

void check_nodes(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    const auto found = table().find(node.op);
    TORCH_CHECK(found != table().end(), "operator ", node.op, " is not supported");
    size_t given = 0;
    while (given < node.inputs.size() && !node.inputs[given].empty()) ++given;
    TORCH_CHECK(given >= found->second.inputs, "operator ", node.op, " has too few inputs");
  }
}

Kernel prepare(Preparation& preparation) {
  const auto found = table().find(preparation.node.op);
  TORCH_CHECK(found != table().end(), "operator ", preparation.node.op, " is not supported");
  return found->second.prepare(preparation);
}

std::vector<int64_t> to_integers(const at::Tensor& tensor) {
  TORCH_CHECK(tensor.device().is_cpu(), "a shape was computed on the device");
  const at::Tensor flat = tensor.reshape(-1).to(at::kLong).contiguous();
  const int64_t* data = flat.const_data_ptr<int64_t>();
  return std::vector<int64_t>(data, data + flat.numel());
}

IntegerList::IntegerList(Preparation& preparation, const char* attribute, size_t input)
    : input_(input) {
  if (preparation.node.attributes.has(attribute)) {
    fixed_ = preparation.node.attributes.integers(attribute, {});
  } else if (const at::Tensor constant = preparation.take(input); constant.defined()) {
    fixed_ = to_integers(constant);
  } else {
    dynamic_ = preparation.has_input(input);
  }
}

std::vector<int64_t> IntegerList::get(const Values& in) const {
  if (fixed_) return *fixed_;
  return dynamic_ ? to_integers(in[input_]) : std::vector<int64_t>();
}

}  // namespace pdf2md::models::onnx
