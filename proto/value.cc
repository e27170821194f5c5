#include "proto/value.h"

#include <algorithm>
#include <limits>
#include <msgpack.hpp>

namespace pdf2md::proto {
namespace {

// Builds the tree on a stack of open containers; every callback answers false to stop the parser.
class Builder : public msgpack::null_visitor {
 public:
  explicit Builder(const DecodeLimits& limits) : limits_(limits) {}

  bool visit_nil() { return put(Value()); }
  bool visit_boolean(bool v) { return put(Value(v)); }
  bool visit_positive_integer(uint64_t v) { return put(Value(v)); }
  bool visit_negative_integer(int64_t v) { return put(Value(v)); }
  bool visit_float32(float v) { return put(Value(static_cast<double>(v))); }
  bool visit_float64(double v) { return put(Value(v)); }
  bool visit_str(const char* text, uint32_t size) {
    if (size > limits_.string_bytes) return fail("a string is longer than the limit");
    if (expect_key_) {
      key_.assign(text, size);
      Map& map = std::get<Map>(open_.back().storage());
      for (const auto& [key, value] : map) {
        if (key == key_) return fail("a key occurs twice");
      }
      return true;
    }
    return put(Value(std::string(text, size)));
  }
  bool visit_bin(const char* data, uint32_t size) {
    if (size > limits_.string_bytes) return fail("a byte string is longer than the limit");
    return put(Value(Bytes{std::string(data, size)}));
  }
  bool visit_ext(const char*, uint32_t) { return fail("extension types are not used"); }
  bool start_array(uint32_t count) { return open(Value(Array()), count); }
  bool end_array() { return close(); }
  bool start_map(uint32_t count) {
    if (count > limits_.map_keys) return fail("a map has too many keys");
    return open(Value(Map()), count);
  }
  bool end_map() { return close(); }
  bool start_map_key() {
    expect_key_ = true;
    return true;
  }
  bool end_map_key() {
    expect_key_ = false;
    keys_.push_back(std::move(key_));
    key_.clear();
    return true;
  }
  void parse_error(size_t, size_t) { fail("not msgpack"); }
  void insufficient_bytes(size_t, size_t) { fail("ends early"); }

  const char* problem() const { return problem_; }
  Value take() { return std::move(root_); }

 private:
  bool fail(const char* why) {
    if (problem_ == nullptr) problem_ = why;
    return false;
  }

  // A container announces its size before its elements arrive: count them now.
  bool open(Value container, uint32_t count) {
    if (expect_key_) return fail("a key is not a string");
    if (open_.size() >= limits_.depth) return fail("nested too deeply");
    if (count > limits_.objects - std::min(objects_, limits_.objects))
      return fail("too many objects");
    open_.push_back(std::move(container));
    return true;
  }
  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    return put(std::move(done));
  }
  bool put(Value value) {
    if (expect_key_) return fail("a key is not a string");
    if (++objects_ > limits_.objects) return fail("too many objects");
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Array* array = std::get_if<Array>(&open_.back().storage())) {
      array->push_back(std::move(value));
    } else {
      std::get<Map>(open_.back().storage()).emplace_back(std::move(keys_.back()), std::move(value));
      keys_.pop_back();
    }
    return true;
  }

  const DecodeLimits& limits_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;  // keys whose value is being read, innermost last
  std::string key_;
  bool expect_key_ = false;
  size_t objects_ = 0;
  const char* problem_ = nullptr;
  Value root_;
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  const Map* map = std::get_if<Map>(&storage_);
  if (map == nullptr) return nullptr;
  for (const auto& [name, value] : *map) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<Value> decode(std::string_view bytes, const DecodeLimits& limits) {
  Builder builder(limits);
  size_t offset = 0;
  bool complete = false;
  try {
    complete = msgpack::parse(bytes.data(), bytes.size(), offset, builder);
  } catch (const std::exception& problem) {  // msgpack-c's own parser errors
    return Error{ErrorCode::kBadMessage, std::string("bad msgpack: ") + problem.what(), ""};
  }
  if (builder.problem() != nullptr) {
    return Error{ErrorCode::kBadMessage, std::string("bad msgpack: ") + builder.problem(), ""};
  }
  if (!complete) return Error{ErrorCode::kBadMessage, "bad msgpack: ends early", ""};
  if (offset != bytes.size())
    return Error{ErrorCode::kBadMessage, "bad msgpack: trailing bytes", ""};
  return builder.take();
}

}  // namespace pdf2md::proto
