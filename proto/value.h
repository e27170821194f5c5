// A decoded msgpack object, bounded before it is built.
//
// Decoding walks the bytes with msgpack-c's visitor and refuses, before allocating: nesting deeper
// than DecodeLimits::depth, more objects than `objects`, strings longer than `string_bytes`, maps
// of more than `map_keys` keys, extension types, duplicate or non-string map keys, and trailing
// bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proto/result.h"

namespace pdf2md::proto {

class Value;
using Array = std::vector<Value>;
using Map =
    std::vector<std::pair<std::string, Value>>;  // few keys: a linear look-up is the fast one
struct Bytes {
  std::string data;  // msgpack "bin"
};

class Value {
 public:
  using Storage =
      std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Bytes, Array, Map>;
  Value() = default;
  explicit Value(Storage storage) : storage_(std::move(storage)) {}

  const Storage& storage() const { return storage_; }
  Storage& storage() { return storage_; }
  bool is_nil() const { return std::holds_alternative<std::monostate>(storage_); }
  // The value under a key of a map, or nullptr (also where this is no map).
  const Value* find(std::string_view key) const;

 private:
  Storage storage_;
};

struct DecodeLimits {
  size_t depth = 12;
  size_t objects = 1 << 18;
  size_t string_bytes = 1 << 20;
  size_t map_keys = 128;  // a map is a struct here; duplicates are looked for in quadratic time
};

// Errors: kBadMessage.
Result<Value> decode(std::string_view bytes, const DecodeLimits& limits = {});

}  // namespace pdf2md::proto
