#include "models/onnx/wire.h"

#include <cstring>

namespace pdf2md::models::onnx {

bool WireReader::fail() {
  failed_ = true;
  rest_ = {};
  return false;
}

bool WireReader::varint(uint64_t& value) {
  if (rest_.empty()) return false;
  uint64_t bits = 0;
  for (size_t i = 0; i < 10; ++i) {
    if (i >= rest_.size()) return fail();
    const uint8_t byte = static_cast<uint8_t>(rest_[i]);
    bits |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      value = bits;
      return true;
    }
  }
  return fail();
}

bool WireReader::fixed32(uint32_t& value) {
  if (rest_.empty()) return false;
  if (rest_.size() < sizeof value) return fail();
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_.remove_prefix(sizeof value);
  return true;
}

bool WireReader::fixed64(uint64_t& value) {
  if (rest_.empty()) return false;
  if (rest_.size() < sizeof value) return fail();
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_.remove_prefix(sizeof value);
  return true;
}

bool WireReader::next(WireField& field) {
  uint64_t key = 0;
  if (!varint(key)) return false;
  const uint64_t number = key >> 3;
  if (number == 0 || number > (1u << 29) - 1) return fail();
  field = {};
  field.number = static_cast<uint32_t>(number);
  switch (key & 7) {
    case 0:
      field.type = WireType::kVarint;
      return varint(field.number_value) || fail();
    case 1:
      field.type = WireType::kFixed64;
      return fixed64(field.number_value) || fail();
    case 2: {
      field.type = WireType::kBytes;
      uint64_t size = 0;
      if (!varint(size) || size > rest_.size()) return fail();
      field.bytes = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
    case 5: {
      field.type = WireType::kFixed32;
      uint32_t bits = 0;
      if (!fixed32(bits)) return fail();
      field.number_value = bits;
      return true;
    }
    default:
      return fail();
  }
}

}  // namespace pdf2md::models::onnx
