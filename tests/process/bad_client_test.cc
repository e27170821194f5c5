#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

struct Unknown {
  static constexpr uint16_t kType = 999;
  template <class A>
  void fields(A&) {}
};

TEST_CASE("a bad frame costs only the client that sent it") {
  Daemon daemon;
  Client other(daemon);
  uint64_t job = other.submit("slow=20", 5);
  Client bad(daemon);
  bad.send_raw("\xff\xff\xff\xff GET / HTTP/1.1");
  bad.expect_error(ErrorCode::kBadFrame);
  CHECK(bad.closed());
  CHECK(other.wait_until_over(job).state == proto::JobState::kDone);
}

TEST_CASE("a frame that is no message, and a message that nobody knows") {
  Daemon daemon;
  Client first(daemon);
  first.send_raw(std::string("\0\0\0\1\xc0", 5));
  first.expect_error(ErrorCode::kBadMessage);
  CHECK(first.closed());
  Client second(daemon);
  second.send_raw(proto::encode_frame(Unknown{}));
  CHECK(second.expect_error(ErrorCode::kBadMessage).message.find("999") != std::string::npos);
  CHECK(second.closed());
}

TEST_CASE("a client of another protocol version is told so in words") {
  Daemon daemon;
  Client client(daemon.socket(), false);
  proto::Hello hello;
  hello.min_version = 1000;
  hello.max_version = 1001;
  client.send(hello);
  proto::ErrorReply reply = client.expect_error(ErrorCode::kVersionMismatch);
  CHECK(reply.message.find("1000 to 1001") != std::string::npos);
  CHECK(client.closed());
}

TEST_CASE("a newer client that still speaks our version is welcome") {
  Daemon daemon;
  Client client(daemon.socket(), false);
  proto::Hello hello;
  hello.max_version = 1001;
  client.send(hello);
  CHECK(client.expect<proto::Welcome>().version == proto::kProtocolVersion);
}

TEST_CASE("requests before HELLO and at the wrong time are refused") {
  Daemon daemon;
  Client early(daemon.socket(), false);
  early.send(proto::HealthRequest{});
  early.expect_error(ErrorCode::kUnexpected);
  CHECK(early.closed());
  Client stray(daemon);
  stray.send(proto::Data{proto::Bytes{"x"}});
  stray.expect_error(ErrorCode::kUnexpected);
  CHECK(stray.closed());
}

TEST_CASE("a document of another size than was announced is not taken") {
  Daemon daemon;
  Client client(daemon);
  client.send(proto::Submit{{}, 10, false});
  client.send(proto::Data{proto::Bytes{"pages=1"}});
  client.send(proto::DataEnd{});
  client.expect_error(ErrorCode::kBadMessage);
  CHECK(client.closed());
  CHECK(eventually([&] { return daemon.job_folders().empty(); }));
}

TEST_CASE("options that make no sense are refused by name, and the conversation goes on") {
  Daemon daemon;
  Client client(daemon);
  proto::JobOptions options;
  options.pages = "7-3";
  client.start_submit(options, "pages=1", false);
  client.expect_error(ErrorCode::kBadOptions);
  options.pages = "";
  options.outputs = {"../../etc/passwd"};
  client.start_submit(options, "pages=1", false);
  client.expect_error(ErrorCode::kBadOptions);
  uint64_t job = client.submit("a.pdf", 1);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  client.send(proto::Fetch{job, "../../../etc/passwd"});
  client.expect_error(ErrorCode::kNoSuchOutput);
  client.send(proto::Fetch{job + 1, "md"});
  client.expect_error(ErrorCode::kNoSuchJob);
}

TEST_CASE("requests that come at once are answered in order") {
  Daemon daemon;
  Client client(daemon);
  client.start_submit({}, "pages=1", false);
  client.send(proto::StatusRequest{});
  uint64_t job = client.expect<proto::Accepted>().job;
  std::vector<proto::JobInfo> jobs = client.expect<proto::Jobs>().jobs;
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].id == job);
}

TEST_CASE("no more clients than allowed; the next one comes in when one leaves") {
  Daemon daemon({.arguments = {"--set", "socket.max_clients=2"}});
  Client first(daemon);
  std::optional<Client> second(std::in_place, daemon);
  Client third(daemon.socket(), false);
  third.send(proto::Hello{});
  for (int i = 0; i < 20; ++i) first.health();
  CHECK(first.metrics().find("\npdf2md_clients 2\n") != std::string::npos);
  second.reset();
  third.expect<proto::Welcome>();
}

}  // namespace pdf2md::tests
