// One description of a struct's fields serves encoding and decoding.
//
//   struct Point {
//     int x = 0;
//     std::vector<std::string> names;
//     template <class Archive> void fields(Archive& a) { a("x", x); a("names", names); }
//   };
//   std::string bytes = pack(point);
//   Result<Point> back = unpack<Point>(bytes);
//
// On the wire a struct is a msgpack map. A key that is missing keeps the field's default; a key
// that is not known is skipped, so that fields can be added without a new message number. A value
// of the wrong type, or an integer that does not fit, is an error that names the key. Supported:
// bool, integers, enums (as integers), float, double, std::string, Bytes, std::optional,
// std::vector and structs of these.
#pragma once

#include <concepts>
#include <limits>
#include <msgpack/pack.hpp>
#include <msgpack/sbuffer.hpp>  // not msgpack.hpp: with its adaptors it costs every file a second
#include <optional>
#include <type_traits>

#include "proto/value.h"

namespace pdf2md::proto {

using Packer = msgpack::packer<msgpack::sbuffer>;

namespace detail {

struct CountFields {
  uint32_t count = 0;
  template <class T>
  void operator()(const char*, T&) {
    ++count;
  }
};

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

}  // namespace detail

template <class T>
void pack_value(Packer& out, T& value);

inline void pack_text(Packer& out, std::string_view text) {
  out.pack_str(static_cast<uint32_t>(text.size()));
  out.pack_str_body(text.data(), static_cast<uint32_t>(text.size()));
}

struct EncodeFields {
  Packer& out;
  template <class T>
  void operator()(const char* key, T& value) {
    pack_text(out, key);
    pack_value(out, value);
  }
};

template <class T>
void pack_value(Packer& out, T& value) {
  if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number = static_cast<std::underlying_type_t<T>>(value);
    pack_value(out, number);
  } else if constexpr (std::is_same_v<T, bool>) {
    value ? out.pack_true() : out.pack_false();
  } else if constexpr (std::is_same_v<T, float>) {
    out.pack_float(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    out.pack_double(value);
  } else if constexpr (std::is_unsigned_v<T>) {
    out.pack_uint64(value);  // takes as few bytes as the number needs
  } else if constexpr (std::is_integral_v<T>) {
    out.pack_int64(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    pack_text(out, value);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    out.pack_bin(static_cast<uint32_t>(value.data.size()));
    out.pack_bin_body(value.data.data(), static_cast<uint32_t>(value.data.size()));
  } else if constexpr (detail::IsOptional<T>::value) {
    if (value)
      pack_value(out, *value);
    else
      out.pack_nil();
  } else if constexpr (detail::IsVector<T>::value) {
    out.pack_array(static_cast<uint32_t>(value.size()));
    for (auto& element : value) pack_value(out, element);
  } else {
    detail::CountFields counter;
    value.fields(counter);
    out.pack_map(counter.count);
    EncodeFields encode{out};
    value.fields(encode);
  }
}

// Returns nullptr on success, else what is wrong.
template <class T>
const char* unpack_value(const Value& in, T& value, std::string& where);

struct DecodeFields {
  const Value& in;
  std::string& where;
  const char* problem = nullptr;
  template <class T>
  void operator()(const char* key, T& value) {
    if (problem != nullptr) return;
    const Value* found = in.find(key);
    if (found == nullptr) return;
    problem = unpack_value(*found, value, where);
    if (problem != nullptr) where = where.empty() ? key : std::string(key) + "." + where;
  }
};

template <class T>
const char* unpack_value(const Value& in, T& value, std::string& where) {
  const Value::Storage& from = in.storage();
  if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    const char* problem = unpack_value(in, number, where);
    if (problem == nullptr) value = static_cast<T>(number);
    return problem;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (const bool* v = std::get_if<bool>(&from)) return value = *v, nullptr;
    return "not a boolean";
  } else if constexpr (std::is_integral_v<T>) {
    if (const uint64_t* v = std::get_if<uint64_t>(&from)) {
      if (std::cmp_greater(*v, std::numeric_limits<T>::max())) return "number too large";
      return value = static_cast<T>(*v), nullptr;
    }
    if (const int64_t* v = std::get_if<int64_t>(&from)) {
      if (std::cmp_less(*v, std::numeric_limits<T>::min())) return "number too small";
      if (std::cmp_greater(*v, std::numeric_limits<T>::max())) return "number too large";
      return value = static_cast<T>(*v), nullptr;
    }
    return "not an integer";
  } else if constexpr (std::is_floating_point_v<T>) {
    if (const double* v = std::get_if<double>(&from)) return value = static_cast<T>(*v), nullptr;
    if (const uint64_t* v = std::get_if<uint64_t>(&from))
      return value = static_cast<T>(*v), nullptr;
    if (const int64_t* v = std::get_if<int64_t>(&from)) return value = static_cast<T>(*v), nullptr;
    return "not a number";
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (const std::string* v = std::get_if<std::string>(&from)) return value = *v, nullptr;
    return "not a string";
  } else if constexpr (std::is_same_v<T, Bytes>) {
    if (const Bytes* v = std::get_if<Bytes>(&from)) return value = *v, nullptr;
    return "not a byte string";
  } else if constexpr (detail::IsOptional<T>::value) {
    if (in.is_nil()) return value.reset(), nullptr;
    return unpack_value(in, value.emplace(), where);
  } else if constexpr (detail::IsVector<T>::value) {
    const Array* array = std::get_if<Array>(&from);
    if (array == nullptr) return "not an array";
    T elements;
    elements.reserve(array->size());
    for (const Value& element : *array) {
      typename T::value_type one{};
      if (const char* problem = unpack_value(element, one, where)) return problem;
      elements.push_back(std::move(one));
    }
    value = std::move(elements);
    return nullptr;
  } else {
    if (!std::holds_alternative<Map>(from)) return "not a map";
    DecodeFields decode{in, where};
    value.fields(decode);
    return decode.problem;
  }
}

template <class T>
std::string pack(const T& message) {
  msgpack::sbuffer buffer;
  Packer out(buffer);
  pack_value(out, const_cast<T&>(message));  // fields() is shared with decoding, hence not const
  return std::string(buffer.data(), buffer.size());
}

template <class T>
Result<T> from_value(const Value& in) {
  T message{};
  std::string where;
  const char* problem = unpack_value(in, message, where);
  if (problem == nullptr) return message;
  return Error{ErrorCode::kBadMessage, "field \"" + where + "\": " + problem, ""};
}

template <class T>
Result<T> unpack(std::string_view bytes, const DecodeLimits& limits = {}) {
  Result<Value> value = decode(bytes, limits);
  if (!value) return value.error();
  return from_value<T>(*value);
}

}  // namespace pdf2md::proto
