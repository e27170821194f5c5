// Framing: u32 length (big-endian), then that many bytes of msgpack: {"t": message number, "b":
// body}.
//
// The same framing serves client ↔ supervisor (a Unix stream socket), supervisor ↔ worker
// (descriptor 3 of the worker) and worker ↔ reader (descriptor 3 of the reader, where pixels and
// page structure travel beside it in memfds, see reader_messages.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/fields.h"

namespace pdf2md::proto {

constexpr size_t kMaxFrameBytes = 1 << 20;  // payload, without the length
constexpr size_t kFrameHeaderBytes = 4;

struct Message {
  uint16_t type = 0;  // a number from messages.h, worker_messages.h or reader_messages.h
  Value body;
};

// A complete frame, header included.
template <class Body>
std::string encode_frame(const Body& body) {
  msgpack::sbuffer buffer;
  Packer out(buffer);
  out.pack_map(2);
  pack_text(out, "t");
  out.pack_uint16(Body::kType);
  pack_text(out, "b");
  pack_value(out, const_cast<Body&>(body));
  uint32_t size = static_cast<uint32_t>(buffer.size());
  std::string frame;
  frame.reserve(size + kFrameHeaderBytes);
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  frame.append(buffer.data(), size);
  return frame;
}

// Cuts a byte stream into messages.
class FrameReader {
 public:
  void append(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole message; nothing yet; or an error after which the stream is unusable.
  Result<std::optional<Message>> next();
  size_t buffered() const { return buffer_.size() - start_; }

 private:
  std::string buffer_;
  size_t start_ = 0;
};

// Body of a message whose type is known.
template <class Body>
Result<Body> body_of(const Message& message) {
  return from_value<Body>(message.body);
}

}  // namespace pdf2md::proto
