#include "proto/frame.h"

#include <catch2/catch.hpp>

#include "proto/messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::proto {
namespace {

TEST_CASE("frame: what is encoded comes out again, however it is cut") {
  Submit submit;
  submit.options.name = "a.pdf";
  submit.options.passwords = {"p", ""};
  submit.size = 1ull << 40;
  std::string stream = encode_frame(submit) + encode_frame(DataEnd{});
  for (size_t piece : {size_t{1}, size_t{3}, stream.size()}) {
    FrameReader reader;
    std::vector<Message> messages;
    for (size_t at = 0; at < stream.size(); at += piece) {
      reader.append(std::string_view(stream).substr(at, piece));
      for (Result<std::optional<Message>> m = reader.next(); m.ok() && m->has_value();
           m = reader.next()) {
        messages.push_back(std::move(**m));
      }
    }
    REQUIRE(messages.size() == 2);
    Result<Submit> back = body_of<Submit>(messages[0]);
    REQUIRE(back);
    CHECK(back->options.name == "a.pdf");
    CHECK(back->options.passwords == submit.options.passwords);
    CHECK(back->size == submit.size);
    CHECK(messages[1].type == kDataEnd);
    CHECK(reader.buffered() == 0);
  }
}

TEST_CASE("frame: lengths that cannot be are refused at once, with nothing after them") {
  for (const std::string& head : {std::string("\0\0\0\0", 4), std::string("\0\x10\0\1", 4),
                                  std::string("\xff\xff\xff\xff", 4)}) {
    FrameReader reader;
    reader.append(head);
    Result<std::optional<Message>> message = reader.next();
    REQUIRE_FALSE(message);
    CHECK(message.error().code == ErrorCode::kBadFrame);
  }
}

TEST_CASE("frame: a payload that is no message") {
  for (const std::string& payload : {std::string("\xc0"), std::string("\x81\xa1t\x01"),
                                     std::string("\x82\xa1t\xa1x\xa1"
                                                 "b\xc0"),
                                     std::string("\x82\xa1t\xce\x00\x01\x00\x00\xa1"
                                                 "b\x80",
                                                 11)}) {
    FrameReader reader;
    reader.append(std::string("\0\0\0", 3) + static_cast<char>(payload.size()) + payload);
    Result<std::optional<Message>> message = reader.next();
    REQUIRE_FALSE(message);
    CHECK(message.error().code == ErrorCode::kBadMessage);
  }
}

TEST_CASE("frame: a large DATA frame fits, and a long stream does not pile up") {
  FrameReader reader;
  std::string frame = encode_frame(Data{Bytes{std::string(kDataBytes, 'x')}});
  for (int i = 0; i < 20; ++i) {
    reader.append(frame);
    Result<std::optional<Message>> message = reader.next();
    REQUIRE((message.ok() && message->has_value()));
    CHECK(body_of<Data>(**message)->bytes.data.size() == kDataBytes);
    CHECK(reader.buffered() == 0);
  }
}

}  // namespace
}  // namespace pdf2md::proto
