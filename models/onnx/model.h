// An ONNX file as plain values. Names follow onnx.proto3 (https://onnx.ai/onnx/repo-docs/IR.html).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"

namespace pdf2md::models::onnx {

enum class ElementType : int32_t {
  kNone = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
};

// Bytes of one element; 0: a type that we do not read.
size_t element_size(ElementType type);

struct TensorData {
  std::string name;
  ElementType type = ElementType::kNone;
  std::vector<int64_t> dims;
  std::string bytes;  // little-endian, row by row; exactly product(dims) × element_size(type)
};

struct GraphData;

struct Attribute {
  enum class Kind : uint8_t {
    kNone,
    kFloat,
    kInt,
    kString,
    kTensor,
    kGraph,
    kFloats,
    kInts,
    kStrings
  };
  std::string name;
  Kind kind = Kind::kNone;
  float f = 0;
  int64_t i = 0;
  std::string s;
  TensorData tensor;
  std::shared_ptr<GraphData> graph;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string> strings;
};

struct NodeData {
  std::string name;
  std::string op;
  std::string domain;               // empty: ONNX's own
  std::vector<std::string> inputs;  // an empty name: an optional input left out
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
};

struct GraphData {
  std::string name;
  std::vector<NodeData> nodes;  // in an order in which they can run
  std::vector<TensorData> initializers;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

struct ModelData {
  int64_t ir_version = 0;
  int64_t opset = 0;  // of ONNX's own domain
  std::string producer;
  std::map<std::string, std::string> metadata;
  GraphData graph;
};

// Reads a whole .onnx file. Errors: kBadModel, with what is wrong (the caller adds the file's
// name).
Result<ModelData> parse_model(std::string_view bytes);

}  // namespace pdf2md::models::onnx
