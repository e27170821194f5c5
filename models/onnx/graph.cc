#include "models/onnx/graph.h"

#include <cstring>

#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

Attributes::Attributes(std::vector<Attribute> list) {
  for (Attribute& attribute : list) {
    std::string name = attribute.name;
    map_[std::move(name)] = std::move(attribute);
  }
}

const Attribute* Attributes::find(const std::string& name) const {
  const auto found = map_.find(name);
  return found == map_.end() ? nullptr : &found->second;
}

int64_t Attributes::integer(const std::string& name, int64_t otherwise) const {
  const Attribute* found = find(name);
  return found == nullptr ? otherwise : found->i;
}

double Attributes::number(const std::string& name, double otherwise) const {
  const Attribute* found = find(name);
  return found == nullptr ? otherwise : static_cast<double>(found->f);
}

std::string Attributes::text(const std::string& name, const std::string& otherwise) const {
  const Attribute* found = find(name);
  return found == nullptr ? otherwise : found->s;
}

std::vector<int64_t> Attributes::integers(const std::string& name,
                                          const std::vector<int64_t>& otherwise) const {
  const Attribute* found = find(name);
  return found == nullptr ? otherwise : found->ints;
}

void Attributes::set(const std::string& name, double value) {
  Attribute& attribute = map_[name];
  attribute.name = name;
  attribute.kind = Attribute::Kind::kFloat;
  attribute.f = static_cast<float>(value);
}

void Attributes::set(const std::string& name, const std::string& value) {
  Attribute& attribute = map_[name];
  attribute.name = name;
  attribute.kind = Attribute::Kind::kString;
  attribute.s = value;
}

const at::Tensor* Graph::constant(const std::string& name) const {
  const auto found = constants.find(name);
  return found == constants.end() ? nullptr : &found->second;
}

at::ScalarType scalar_type(ElementType type) {
  switch (type) {
    case ElementType::kFloat:
      return at::kFloat;
    case ElementType::kUint8:
      return at::kByte;
    case ElementType::kInt8:
      return at::kChar;
    case ElementType::kInt32:
      return at::kInt;
    case ElementType::kInt64:
      return at::kLong;
    case ElementType::kBool:
      return at::kBool;
    case ElementType::kFloat16:
      return at::kHalf;
    case ElementType::kDouble:
      return at::kDouble;
    case ElementType::kNone:
      break;
  }
  TORCH_CHECK(false, "element type ", static_cast<int>(type), " is not supported");
}

at::Tensor to_tensor(const TensorData& data) {
  at::Tensor tensor = at::empty(data.dims, at::TensorOptions().dtype(scalar_type(data.type)));
  TORCH_CHECK(tensor.nbytes() == data.bytes.size(), "tensor ", data.name,
              ": data and shape differ");
  std::memcpy(tensor.data_ptr(), data.bytes.data(), data.bytes.size());
  return tensor;
}

namespace {

at::Tensor constant_value(const Attributes& attributes) {
  if (const Attribute* value = attributes.find("value")) return to_tensor(value->tensor);
  if (const Attribute* value = attributes.find("value_int"))
    return at::scalar_tensor(value->i, at::kLong);
  if (const Attribute* value = attributes.find("value_ints"))
    return at::tensor(value->ints, at::kLong);
  if (const Attribute* value = attributes.find("value_float"))
    return at::scalar_tensor(value->f, at::kFloat);
  if (const Attribute* value = attributes.find("value_floats"))
    return at::tensor(value->floats, at::kFloat);
  TORCH_CHECK(false, "a Constant node holds no value that is supported");
}

void remove_identities(Graph& graph) {
  const std::unordered_set<std::string> outputs(graph.outputs.begin(), graph.outputs.end());
  std::unordered_map<std::string, std::string> other_name;
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      const auto found = other_name.find(input);
      if (found != other_name.end()) input = found->second;
    }
    const bool alias =
        node.op == "Identity" && node.inputs.size() == 1 && !outputs.contains(node.output());
    if (alias)
      other_name[node.output()] = node.inputs[0];
    else
      kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

// What depends on constants only is computed once, here.
void fold_constants(Graph& graph) {
  const Target host{at::Device(at::kCPU), at::kFloat, graph.opset};
  const std::unordered_set<std::string> outputs(graph.outputs.begin(), graph.outputs.end());
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    bool constant = !node.inputs.empty() && !outputs.contains(node.output());
    for (const std::string& input : node.inputs) {
      constant = constant && (input.empty() || graph.constants.contains(input));
    }
    if (!constant || !is_supported(node.op)) {
      kept.push_back(std::move(node));
      continue;
    }
    Preparation preparation(graph, node, host);
    const Kernel kernel = prepare(preparation);
    Values in, out(node.outputs.size());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const at::Tensor* value = preparation.is_taken(i) ? nullptr : graph.constant(node.inputs[i]);
      in.push_back(value == nullptr ? at::Tensor() : *value);
    }
    kernel(in, out);
    for (size_t i = 0; i < out.size(); ++i) graph.constants[node.outputs[i]] = out[i].contiguous();
  }
  graph.nodes = std::move(kept);
}

void free_batch_of_reshapes(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.op != "Reshape" || node.inputs.size() < 2 || graph.constant(node.inputs[0]) != nullptr)
      continue;
    const at::Tensor* shape = graph.constant(node.inputs[1]);
    if (shape == nullptr || shape->scalar_type() != at::kLong || shape->numel() < 2) continue;
    if (shape->const_data_ptr<int64_t>()[0] != 1) continue;
    at::Tensor freed = shape->clone();
    freed.mutable_data_ptr<int64_t>()[0] = 0;
    node.inputs[1] += "#batch";
    graph.constants[node.inputs[1]] = freed;
  }
}

}  // namespace

void remove_unused(Graph& graph) {
  std::unordered_set<std::string> needed(graph.outputs.begin(), graph.outputs.end());
  std::vector<Node> kept;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    Node& node = graph.nodes[i];
    bool used = false;
    for (const std::string& output : node.outputs) used = used || needed.contains(output);
    if (!used) continue;
    needed.insert(node.inputs.begin(), node.inputs.end());
    kept.push_back(std::move(node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  std::erase_if(graph.constants, [&](const auto& entry) { return !needed.contains(entry.first); });
}

Graph build_graph(ModelData model, const std::vector<std::string>& outputs) {
  Graph graph;
  graph.opset = model.opset;
  graph.outputs = outputs.empty() ? model.graph.outputs : outputs;
  for (TensorData& data : model.graph.initializers) {
    graph.constants[data.name] = to_tensor(data);
    data.bytes = {};
  }
  for (const std::string& input : model.graph.inputs) {
    if (!graph.constants.contains(input)) graph.inputs.push_back(input);
  }
  for (NodeData& data : model.graph.nodes) {
    TORCH_CHECK(data.domain.empty() || data.domain == "ai.onnx", "operator ", data.op,
                " is of the unknown domain ", data.domain);
    Attributes attributes(std::move(data.attributes));
    if (data.op == "Constant") {
      graph.constants[data.outputs[0]] = constant_value(attributes);
    } else {
      graph.nodes.push_back(Node{std::move(data.op), std::move(data.inputs),
                                 std::move(data.outputs), std::move(attributes)});
    }
  }
  remove_identities(graph);
  remove_unused(graph);
  check_nodes(graph);
  fold_constants(graph);
  free_batch_of_reshapes(graph);
  remove_unused(graph);
  return graph;
}

}  // namespace pdf2md::models::onnx
