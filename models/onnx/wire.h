// The protobuf wire format, read from memory: enough of it for ONNX.
// https://protobuf.dev/programming-guides/encoding/
//
// A reader never looks outside the bytes it was given. After the first error every further call
// returns nothing, so that a caller may check failed() once, at the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace pdf2md::models::onnx {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t number_value = 0;  // kVarint, kFixed32, kFixed64: the bits
  std::string_view bytes;     // kBytes
};

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // The next field; false at the end or after an error. Groups (deprecated) are errors.
  bool next(WireField& field);
  // A bare varint, as they stand in packed fields; false at the end or after an error.
  bool varint(uint64_t& value);
  // A bare little-endian number of 4 or 8 bytes.
  bool fixed32(uint32_t& value);
  bool fixed64(uint64_t& value);

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  bool fail();

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace pdf2md::models::onnx
