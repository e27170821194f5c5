#include "proto/channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <thread>

#include "proto/messages.h"

namespace pdf2md::proto {
namespace {

struct Pair {
  std::pair<Fd, Fd> ends = std::move(*socket_pair());
  Channel a{std::move(ends.first)};
  Channel b{std::move(ends.second)};
};

TEST_CASE("channel: a deadline loses nothing") {
  Pair pair;
  CHECK(pair.b.receive(0).error().code == ErrorCode::kTimedOut);
  std::string frame = encode_frame(Cancel{7});
  REQUIRE(pair.a.send_frame(frame.substr(0, 6)));
  CHECK(pair.b.receive(1).error().code == ErrorCode::kTimedOut);
  REQUIRE(pair.a.send_frame(frame.substr(6)));
  Result<Message> message = pair.b.receive();
  REQUIRE(message);
  CHECK(body_of<Cancel>(*message)->job == 7);
}

TEST_CASE("channel: what was sent before the end still arrives; then the end") {
  Pair pair;
  REQUIRE(pair.a.send(Cancel{7}));
  REQUIRE(pair.a.send_frame("\0\0"));
  pair.a.close();
  CHECK(pair.b.receive()->type == kCancel);
  CHECK(pair.b.receive().error().code == ErrorCode::kDisconnected);
  CHECK(pair.b.send(Cancel{8}).error().code == ErrorCode::kDisconnected);
}

TEST_CASE("channel: a send that nobody reads ends at its deadline") {
  Pair pair;
  Status sent = Ok{};
  for (int i = 0; i < 100 && sent; ++i)
    sent = pair.a.send(Data{Bytes{std::string(kDataBytes, 'x')}}, 10);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::kTimedOut);
}

TEST_CASE("channel: descriptors travel with their message, surplus ones are closed") {
  Pair pair;
  Fd memory(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(write_all(memory.get(), "hello"));
  for (int i = 0; i < 6; ++i) REQUIRE(pair.a.send(DataEnd{}, kNoDeadline, memory.get()));
  for (int i = 0; i < 6; ++i) REQUIRE(pair.b.receive());
  REQUIRE(pair.b.received_fds().size() == 4);
  struct stat info {};
  REQUIRE(::fstat(pair.b.received_fds()[0].get(), &info) == 0);
  CHECK(info.st_size == 5);
  CHECK((::fcntl(pair.b.received_fds()[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
}

}  // namespace
}  // namespace pdf2md::proto
