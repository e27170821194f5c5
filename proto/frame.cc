#include "proto/frame.h"

namespace pdf2md::proto {

Result<std::optional<Message>> FrameReader::next() {
  if (buffered() < kFrameHeaderBytes) return std::optional<Message>();
  uint32_t size = 0;
  for (size_t i = 0; i < kFrameHeaderBytes; ++i) {
    size = size << 8 | static_cast<uint8_t>(buffer_[start_ + i]);
  }
  if (size == 0 || size > kMaxFrameBytes) {
    return Error{ErrorCode::kBadFrame, "frame of " + std::to_string(size) + " bytes",
                 "frames hold 1 to " + std::to_string(kMaxFrameBytes) + " bytes"};
  }
  if (buffered() < kFrameHeaderBytes + size) return std::optional<Message>();
  std::string_view payload(buffer_.data() + start_ + kFrameHeaderBytes, size);
  Result<Value> value = decode(payload);
  if (!value) return value.error();
  const Value* type = value->find("t");
  const Value* body = value->find("b");
  const uint64_t* number = type ? std::get_if<uint64_t>(&type->storage()) : nullptr;
  if (number == nullptr || *number > UINT16_MAX || body == nullptr) {
    return Error{ErrorCode::kBadMessage, "frame is not {\"t\": number, \"b\": body}", ""};
  }
  start_ += kFrameHeaderBytes + size;
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  } else if (start_ > kMaxFrameBytes) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  // Moved, not copied: the body of a DATA frame is large. `value` is ours and goes next.
  return std::optional<Message>(
      Message{static_cast<uint16_t>(*number), std::move(*const_cast<Value*>(body))});
}

}  // namespace pdf2md::proto
