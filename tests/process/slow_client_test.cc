#include <signal.h>

#include "tests/process/daemon.h"
#include "tests/process/sanitizer.h"

namespace pdf2md::tests {

TEST_CASE("a client that reads slowly gets everything, and costs bounded memory meanwhile") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("output-kib=65536", 1);
  client.wait_until_over(job);
  std::string whole = client.fetch(job);
  CHECK(whole.size() >= 64 << 20);
  uint64_t before = client.health().supervisor_rss_bytes;
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<Client>(daemon));
    slow.back()->send(proto::Fetch{job, "md"});
  }
  for (int i = 0; i < 20; ++i) client.health();
  uint64_t after = client.health().supervisor_rss_bytes;
  uint64_t may_grow_bytes = (kThreadSanitizer ? 48 : 24) << 20;
  CHECK(after < before + may_grow_bytes);  // not 4 × 64 MiB
  for (auto& one : slow) {
    proto::ResultHeader header = one->expect<proto::ResultHeader>();
    std::string text;
    for (proto::Message message = one->receive(); message.type == proto::kData;
         message = one->receive()) {
      text += proto::body_of<proto::Data>(message)->bytes.data;
    }
    CHECK(text == whole);
  }
}

TEST_CASE("requests without end from a client that reads no answer are not taken any more") {
  Daemon daemon({.arguments = {"--set", "socket.buffer_mib=0.125"}});
  Client other(daemon);
  uint64_t job = other.submit(std::string(4000, 'n'), 1);
  other.wait_until_over(job);
  uint64_t before = other.health().supervisor_rss_bytes;
  Client greedy(daemon);
  std::string request = proto::encode_frame(proto::StatusRequest{job});
  std::string many;
  for (int i = 0; i < 2000; ++i) many += request;
  // Ends when the daemon stops reading and the kernel's buffers are full.
  bool stopped = false;
  for (int i = 0; i < 1000 && !stopped; ++i) stopped = !greedy.channel().send_frame(many, 300).ok();
  CHECK(stopped);
  CHECK(other.health().supervisor_rss_bytes < before + (16 << 20));
}

TEST_CASE("a watcher that reads nothing still learns the end") {
  Daemon daemon({.arguments = {"--set", "socket.buffer_mib=0.0625", "--readers", "4"}});
  Client client(daemon);
  Client watcher(daemon);
  uint64_t job = client.submit("a.pdf", 9000);
  watcher.send(proto::Watch{job});
  client.wait_until_over(job);
  proto::Event last;
  do {
    Result<proto::Message> message = watcher.channel().receive(kGenerousMs);
    REQUIRE(message.ok());
    last = *proto::body_of<proto::Event>(*message);
  } while (last.state < proto::JobState::kDone);
  CHECK(last.pages_done == 9000);
}

}  // namespace pdf2md::tests
