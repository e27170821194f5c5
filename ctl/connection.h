// A conversation with pdf2mdd that a signal can end at any point.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "ctl/interrupt.h"
#include "proto/channel.h"
#include "proto/messages.h"

namespace pdf2md::ctl {

// How long the daemon may take to answer a request that needs no work: it is one loop that never
// blocks.
constexpr int kAnswerMs = 20'000;

using EventHandler = std::function<void(const proto::Event&)>;

class Connection {
 public:
  // Connects and shakes hands. Errors: kNoDaemon (nothing listens there, or no permission; the
  // message says which), kVersionMismatch, kTimedOut, kCancelled (interrupted), kBadFrame,
  // kBadMessage.
  static Result<Connection> open(const std::string& path);

  const proto::Welcome& welcome() const { return welcome_; }
  const std::string& path() const { return path_; }
  int peer_pid() const;  // 0: not known
  void set_patience(Patience patience) { patience_ = patience; }

  template <class Body>
  Status send(const Body& body) {
    return send_frame(proto::encode_frame(body));
  }

  // The next message; timeout_ms < 0: waits for ever. Errors: kTimedOut (nothing is lost),
  // kCancelled, kDisconnected, kBadFrame, kBadMessage.
  Result<proto::Message> receive(int timeout_ms);
  // A message that is here already.
  bool has_message();

  // Sends, and waits for the answer of that type. EVENTs that come in between go to the handler. An
  // ERROR becomes an Error.
  template <class Reply, class Request>
  Result<Reply> request(const Request& body, const EventHandler& on_event = nullptr) {
    Status sent = send(body);
    if (!sent) return sent.error();
    return expect<Reply>(on_event);
  }
  template <class Reply>
  Result<Reply> expect(const EventHandler& on_event = nullptr) {
    Result<proto::Message> message = receive_answer(Reply::kType, on_event);
    if (!message) return message.error();
    return proto::body_of<Reply>(*message);
  }

 private:
  Connection(Fd fd, const std::string& path) : channel_(std::move(fd)), path_(path) {}
  Status send_frame(std::string_view frame);
  Result<proto::Message> receive_answer(uint16_t type, const EventHandler& on_event);

  proto::Channel channel_;
  std::string path_;
  proto::Welcome welcome_;
  Patience patience_ = Patience::kNormal;
  std::deque<proto::Message> early_;  // came while something was being sent
};

// The ERROR in a message, as an Error.
Error error_of(const proto::Message& message);

}  // namespace pdf2md::ctl
