#include "models/onnx/model.h"

#include <bit>
#include <cstring>

#include "models/onnx/wire.h"

namespace pdf2md::models::onnx {

static_assert(std::endian::native == std::endian::little, "tensors are little-endian in the file");

size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
    case ElementType::kInt8:
    case ElementType::kBool:
      return 1;
    case ElementType::kFloat16:
      return 2;
    case ElementType::kFloat:
    case ElementType::kInt32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kDouble:
      return 8;
    case ElementType::kNone:
      break;
  }
  return 0;
}

namespace {

// Graphs in graphs (Loop and If bodies); real models nest two deep.
constexpr int kMaxDepth = 16;
constexpr size_t kMaxRank = 16;

// Recursive descent over the messages. The first problem is kept; everything after it is idle.
class Parser {
 public:
  const char* problem() const { return problem_; }

  void model(std::string_view bytes, ModelData& model);

 private:
  void fail(const char* problem) {
    if (problem_ == nullptr) problem_ = problem;
  }
  // The end of one message's loop: was it the end, or a malformed field?
  void finish(const WireReader& in) {
    if (in.failed()) fail("malformed or cut short");
  }
  bool is_bytes(const WireField& field) {
    if (field.type == WireType::kBytes) return true;
    fail("a field has the wrong type");
    return false;
  }

  void graph(std::string_view bytes, GraphData& graph, int depth);
  void node(std::string_view bytes, NodeData& node, int depth);
  void attribute(std::string_view bytes, Attribute& attribute, int depth);
  void tensor(std::string_view bytes, TensorData& tensor);
  std::string value_info_name(std::string_view bytes);
  void text(const WireField& field, std::string& out) {
    if (is_bytes(field)) out.assign(field.bytes);
  }
  // Repeated numbers come one by one or packed; both are appended.
  void integers(const WireField& field, std::vector<int64_t>& out);
  void floats(const WireField& field, std::vector<float>& out);
  void doubles(const WireField& field, std::vector<double>& out);

  const char* problem_ = nullptr;
};

void Parser::integers(const WireField& field, std::vector<int64_t>& out) {
  if (field.type == WireType::kVarint) {
    out.push_back(static_cast<int64_t>(field.number_value));
    return;
  }
  if (!is_bytes(field)) return;
  WireReader in(field.bytes);
  for (uint64_t value = 0; in.varint(value);) out.push_back(static_cast<int64_t>(value));
  finish(in);
}

void Parser::floats(const WireField& field, std::vector<float>& out) {
  if (field.type == WireType::kFixed32) {
    out.push_back(std::bit_cast<float>(static_cast<uint32_t>(field.number_value)));
    return;
  }
  if (!is_bytes(field)) return;
  WireReader in(field.bytes);
  for (uint32_t value = 0; in.fixed32(value);) out.push_back(std::bit_cast<float>(value));
  finish(in);
}

void Parser::doubles(const WireField& field, std::vector<double>& out) {
  if (field.type == WireType::kFixed64) {
    out.push_back(std::bit_cast<double>(field.number_value));
    return;
  }
  if (!is_bytes(field)) return;
  WireReader in(field.bytes);
  for (uint64_t value = 0; in.fixed64(value);) out.push_back(std::bit_cast<double>(value));
  finish(in);
}

template <class To, class From>
void append_as(std::string& out, const std::vector<From>& values) {
  out.resize(values.size() * sizeof(To));
  for (size_t i = 0; i < values.size(); ++i) {
    const To value = static_cast<To>(values[i]);
    std::memcpy(out.data() + i * sizeof(To), &value, sizeof value);
  }
}

void Parser::tensor(std::string_view bytes, TensorData& tensor) {
  WireReader in(bytes);
  std::vector<float> float_data;
  std::vector<double> double_data;
  std::vector<int64_t> int32_data, int64_data;
  std::string_view raw;
  for (WireField field; problem_ == nullptr && in.next(field);) {
    switch (field.number) {
      case 1:
        integers(field, tensor.dims);
        break;
      case 2:
        tensor.type = static_cast<ElementType>(static_cast<int32_t>(field.number_value));
        break;
      case 4:
        floats(field, float_data);
        break;
      case 5:
        integers(field, int32_data);
        break;
      case 7:
        integers(field, int64_data);
        break;
      case 8:
        text(field, tensor.name);
        break;
      case 9:
        if (is_bytes(field)) raw = field.bytes;
        break;
      case 10:
        doubles(field, double_data);
        break;
      case 14:
        if (field.number_value != 0) fail("weights lie in another file; merge them into the .onnx");
        break;
      default:
        break;
    }
  }
  finish(in);
  if (problem_ != nullptr) return;

  const size_t size = element_size(tensor.type);
  if (size == 0) return fail("a tensor has an element type that is not supported");
  if (tensor.dims.size() > kMaxRank) return fail("a tensor has too many dimensions");
  uint64_t count = 1;
  for (const int64_t dim : tensor.dims) {
    if (dim < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count)) {
      return fail("a tensor has an impossible shape");
    }
  }
  if (!raw.empty()) {
    tensor.bytes.assign(raw);
  } else {
    switch (tensor.type) {
      case ElementType::kFloat:
        append_as<float>(tensor.bytes, float_data);
        break;
      case ElementType::kDouble:
        append_as<double>(tensor.bytes, double_data);
        break;
      case ElementType::kInt64:
        append_as<int64_t>(tensor.bytes, int64_data);
        break;
      case ElementType::kInt32:
        append_as<int32_t>(tensor.bytes, int32_data);
        break;
      case ElementType::kFloat16:
        append_as<uint16_t>(tensor.bytes, int32_data);
        break;
      default:
        append_as<uint8_t>(tensor.bytes, int32_data);
        break;
    }
  }
  uint64_t expected = 0;
  if (__builtin_mul_overflow(count, size, &expected) || expected != tensor.bytes.size()) {
    fail("a tensor's data does not fit its shape");
  }
}

void Parser::attribute(std::string_view bytes, Attribute& attribute, int depth) {
  using Kind = Attribute::Kind;
  WireReader in(bytes);
  uint64_t declared = 0;
  Kind seen = Kind::kNone;
  for (WireField field; problem_ == nullptr && in.next(field);) {
    switch (field.number) {
      case 1:
        text(field, attribute.name);
        break;
      case 2:
        attribute.f = std::bit_cast<float>(static_cast<uint32_t>(field.number_value));
        seen = Kind::kFloat;
        break;
      case 3:
        attribute.i = static_cast<int64_t>(field.number_value);
        seen = Kind::kInt;
        break;
      case 4:
        text(field, attribute.s);
        seen = Kind::kString;
        break;
      case 5:
        if (is_bytes(field)) tensor(field.bytes, attribute.tensor);
        seen = Kind::kTensor;
        break;
      case 6:
        attribute.graph = std::make_shared<GraphData>();
        if (is_bytes(field)) graph(field.bytes, *attribute.graph, depth + 1);
        seen = Kind::kGraph;
        break;
      case 7:
        floats(field, attribute.floats);
        seen = Kind::kFloats;
        break;
      case 8:
        integers(field, attribute.ints);
        seen = Kind::kInts;
        break;
      case 9:
        text(field, attribute.strings.emplace_back());
        seen = Kind::kStrings;
        break;
      case 20:
        declared = field.number_value;
        break;
      default:
        break;
    }
  }
  finish(in);
  // A zero or an empty list is left out of the bytes, so the declared type decides where there is
  // one.
  switch (declared) {
    case 1:
      attribute.kind = Kind::kFloat;
      break;
    case 2:
      attribute.kind = Kind::kInt;
      break;
    case 3:
      attribute.kind = Kind::kString;
      break;
    case 4:
      attribute.kind = Kind::kTensor;
      break;
    case 5:
      attribute.kind = Kind::kGraph;
      break;
    case 6:
      attribute.kind = Kind::kFloats;
      break;
    case 7:
      attribute.kind = Kind::kInts;
      break;
    case 8:
      attribute.kind = Kind::kStrings;
      break;
    default:
      attribute.kind = seen;
      break;
  }
  if (attribute.kind == Kind::kGraph && attribute.graph == nullptr)
    fail("a node's subgraph is missing");
  if (attribute.kind == Kind::kTensor && element_size(attribute.tensor.type) == 0) {
    fail("a node's tensor is missing");
  }
}

void Parser::node(std::string_view bytes, NodeData& node, int depth) {
  WireReader in(bytes);
  for (WireField field; problem_ == nullptr && in.next(field);) {
    switch (field.number) {
      case 1:
        text(field, node.inputs.emplace_back());
        break;
      case 2:
        text(field, node.outputs.emplace_back());
        break;
      case 3:
        text(field, node.name);
        break;
      case 4:
        text(field, node.op);
        break;
      case 5:
        if (is_bytes(field)) attribute(field.bytes, node.attributes.emplace_back(), depth);
        break;
      case 7:
        text(field, node.domain);
        break;
      default:
        break;
    }
  }
  finish(in);
  if (node.op.empty()) fail("a node has no operator");
  if (node.outputs.empty()) fail("a node has no output");
}

std::string Parser::value_info_name(std::string_view bytes) {
  std::string name;
  WireReader in(bytes);
  for (WireField field; problem_ == nullptr && in.next(field);) {
    if (field.number == 1) text(field, name);
  }
  finish(in);
  return name;
}

void Parser::graph(std::string_view bytes, GraphData& graph, int depth) {
  if (depth > kMaxDepth) return fail("graphs are nested too deeply");
  WireReader in(bytes);
  for (WireField field; problem_ == nullptr && in.next(field);) {
    switch (field.number) {
      case 1:
        if (is_bytes(field)) node(field.bytes, graph.nodes.emplace_back(), depth);
        break;
      case 2:
        text(field, graph.name);
        break;
      case 5:
        if (is_bytes(field)) tensor(field.bytes, graph.initializers.emplace_back());
        break;
      case 11:
        if (is_bytes(field)) graph.inputs.push_back(value_info_name(field.bytes));
        break;
      case 12:
        if (is_bytes(field)) graph.outputs.push_back(value_info_name(field.bytes));
        break;
      default:
        break;
    }
  }
  finish(in);
}

void Parser::model(std::string_view bytes, ModelData& model) {
  WireReader in(bytes);
  bool has_graph = false;
  for (WireField field; problem_ == nullptr && in.next(field);) {
    switch (field.number) {
      case 1:
        model.ir_version = static_cast<int64_t>(field.number_value);
        break;
      case 2:
        text(field, model.producer);
        break;
      case 7:
        has_graph = true;
        if (is_bytes(field)) graph(field.bytes, model.graph, 0);
        break;
      case 8:
      case 14: {
        if (!is_bytes(field)) break;
        std::string key, value;
        int64_t version = 0;
        WireReader entry(field.bytes);
        for (WireField part; problem_ == nullptr && entry.next(part);) {
          if (part.number == 1)
            text(part, key);
          else if (part.number == 2 && part.type == WireType::kBytes)
            text(part, value);
          else if (part.number == 2)
            version = static_cast<int64_t>(part.number_value);
        }
        finish(entry);
        if (field.number == 14)
          model.metadata[key] = value;
        else if (key.empty() || key == "ai.onnx")
          model.opset = version;
        break;
      }
      default:
        break;
    }
  }
  finish(in);
  if (!has_graph) fail("there is no graph in it");
  if (has_graph && model.opset <= 0) fail("it names no operator set");
}

}  // namespace

Result<ModelData> parse_model(std::string_view bytes) {
  ModelData model;
  Parser parser;
  parser.model(bytes, model);
  if (parser.problem() == nullptr) return model;
  return Error{ErrorCode::kBadModel, std::string("not a usable ONNX file: ") + parser.problem(),
               "fetch the file again, or export the model anew as ONNX"};
}

}  // namespace pdf2md::models::onnx
