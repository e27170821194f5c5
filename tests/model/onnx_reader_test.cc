// The ONNX reader on files that are whole, cut short and altered.
#include "models/onnx/model.h"

#include <random>

#include "models/onnx/wire.h"

#include "catch.h"

using namespace pdf2md;
using namespace pdf2md::models::onnx;

namespace {

// Just enough of a protobuf writer.
std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  return out += static_cast<char>(value);
}
std::string number(uint32_t field, uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes(uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}
std::string fixed32(uint32_t field, float value) {
  return varint(field << 3 | 5) + std::string(reinterpret_cast<const char*>(&value), 4);
}

std::string float_tensor(const std::string& name, const std::vector<int64_t>& dims,
                         const std::vector<float>& data, bool raw) {
  std::string out;
  for (const int64_t dim : dims) out += number(1, static_cast<uint64_t>(dim));
  const std::string packed(reinterpret_cast<const char*>(data.data()), data.size() * 4);
  return out + number(2, 1) + bytes(raw ? 9 : 4, packed) + bytes(8, name);
}

std::string sample_model() {
  const std::string attribute = bytes(1, "alpha") + fixed32(2, 0.25f) + number(20, 1);
  const std::string pads = bytes(1, "pads") + bytes(8, varint(1) + varint(2)) + number(20, 7);
  const std::string node = bytes(1, "x") + bytes(1, "w") + bytes(2, "y") + bytes(3, "n") +
                           bytes(4, "Conv") + bytes(5, attribute) + bytes(5, pads);
  const std::string graph = bytes(1, node) + bytes(2, "g") +
                            bytes(5, float_tensor("w", {2, 3}, {1, 2, 3, 4, 5, 6}, true)) +
                            bytes(5, float_tensor("v", {2}, {7, 8}, false)) +
                            bytes(11, bytes(1, "x")) + bytes(12, bytes(1, "y"));
  return number(1, 7) + bytes(2, "test") + bytes(7, graph) +
         bytes(8, bytes(1, "") + number(2, 11)) +
         bytes(14, bytes(1, "character") + bytes(2, "a\nb"));
}

}  // namespace

TEST_CASE("a model is read with its nodes, attributes, tensors and metadata", "[onnx]") {
  const Result<ModelData> model = parse_model(sample_model());
  REQUIRE(model.ok());
  CHECK(model->opset == 11);
  CHECK(model->producer == "test");
  CHECK(model->metadata.at("character") == "a\nb");
  REQUIRE(model->graph.nodes.size() == 1);
  const NodeData& node = model->graph.nodes[0];
  CHECK(node.op == "Conv");
  CHECK(node.inputs == std::vector<std::string>{"x", "w"});
  REQUIRE(node.attributes.size() == 2);
  CHECK(node.attributes[0].f == 0.25f);
  CHECK(node.attributes[1].ints == std::vector<int64_t>{1, 2});
  REQUIRE(model->graph.initializers.size() == 2);
  CHECK(model->graph.initializers[0].dims == std::vector<int64_t>{2, 3});
  CHECK(reinterpret_cast<const float*>(model->graph.initializers[0].bytes.data())[5] == 6.0f);
  CHECK(reinterpret_cast<const float*>(model->graph.initializers[1].bytes.data())[1] == 8.0f);
}

TEST_CASE("a model cut short anywhere is an error, not a crash", "[onnx]") {
  const std::string whole = sample_model();
  size_t accepted = 0;
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read past its end.
    const std::string part(whole.data(), size);
    if (parse_model(part).ok()) ++accepted;
  }
  // Only cuts between the last top-level fields leave something complete.
  CHECK(accepted <= 2);
}

TEST_CASE("a model with any bit flipped does not crash the reader", "[onnx]") {
  const std::string whole = sample_model();
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string altered = whole;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    const Result<ModelData> model = parse_model(altered);
    if (!model) CHECK(model.error().code == ErrorCode::kBadModel);
  }
}

TEST_CASE("a tensor whose data does not fit its shape is refused", "[onnx]") {
  const auto model_with = [](const std::string& tensor) {
    return bytes(7, bytes(5, tensor)) + bytes(8, number(2, 11));
  };
  CHECK(parse_model(model_with(float_tensor("w", {2}, {1, 2}, true))).ok());
  CHECK_FALSE(parse_model(model_with(float_tensor("w", {3}, {1, 2}, true))).ok());
  CHECK_FALSE(parse_model(model_with(float_tensor("w", {-1}, {1, 2}, true))).ok());
  CHECK_FALSE(parse_model(model_with(float_tensor("w", {int64_t{1} << 62, 4}, {1, 2}, true))).ok());
}

TEST_CASE("deeply nested graphs are refused", "[onnx]") {
  std::string graph = bytes(2, "innermost");
  for (int depth = 0; depth < 100; ++depth) {
    graph = bytes(1, bytes(2, "y") + bytes(4, "If") +
                         bytes(5, bytes(1, "g") + bytes(6, graph) + number(20, 5)));
  }
  const Result<ModelData> model = parse_model(bytes(7, graph) + bytes(8, number(2, 11)));
  REQUIRE_FALSE(model.ok());
  CHECK(model.error().message.find("nested") != std::string::npos);
}

TEST_CASE("the wire reader refuses lengths beyond its bytes", "[onnx]") {
  WireReader in(std::string_view("\x0a\x7f\x01", 3));
  WireField field;
  CHECK_FALSE(in.next(field));
  CHECK(in.failed());
  WireReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
  uint64_t value = 0;
  CHECK_FALSE(endless.varint(value));
  CHECK(endless.failed());
}
