#include "ctl/connection.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

Error interrupted() {
  return Error{ErrorCode::kCancelled, "interrupted", ""};
}

}  // namespace

Error error_of(const proto::Message& message) {
  Result<proto::ErrorReply> reply = proto::body_of<proto::ErrorReply>(message);
  if (!reply) return reply.error();
  return proto::to_error(*reply);
}

Result<Connection> Connection::open(const std::string& path) {
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorCode::kNoDaemon, path + ": too long for the name of a socket",
                 "at most " + std::to_string(sizeof address.sun_path - 1) + " bytes"};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return io_error("socket");
  while (::connect(fd.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINTR && interrupted_by() == 0) continue;
    if (errno == EINTR) return interrupted();
    int problem = errno;
    if (problem == ENOENT || problem == ECONNREFUSED) {
      return Error{ErrorCode::kNoDaemon, path + ": no daemon listens there", ""};
    }
    return Error{ErrorCode::kNoDaemon, path + ": " + std::strerror(problem),
                 problem == EACCES ? "the socket's group may use it: see pdf2mdd.toml(5)" : ""};
  }
  Connection connection(std::move(fd), path);
  proto::Hello hello;
  hello.client = std::string("pdf2mdctl ") + kVersion;
  Result<proto::Welcome> welcome = connection.request<proto::Welcome>(hello);
  if (!welcome) {
    Error error = welcome.error();
    if (error.code != ErrorCode::kCancelled) error.message = path + ": " + error.message;
    return error;
  }
  if (welcome->version < proto::kOldestProtocolVersion ||
      welcome->version > proto::kProtocolVersion) {
    return Error{ErrorCode::kVersionMismatch,
                 path + ": " + welcome->server + " answered in protocol version " +
                     std::to_string(welcome->version) + ", which was not offered",
                 ""};
  }
  connection.welcome_ = std::move(*welcome);
  return connection;
}

int Connection::peer_pid() const {
  struct ucred peer {};
  socklen_t size = sizeof peer;
  if (::getsockopt(channel_.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return 0;
  return peer.pid;
}

Status Connection::send_frame(std::string_view frame) {
  while (!frame.empty()) {
    ssize_t n = ::send(channel_.fd(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      frame.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EPIPE || errno == ECONNRESET) {
      return Error{ErrorCode::kDisconnected, "the daemon closed the connection", ""};
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) return io_error("send");
    if (wait_on(channel_.fd(), POLLIN | POLLOUT, -1, patience_) == Wake::kInterrupted) {
      return interrupted();
    }
    // What the daemon says meanwhile is kept: it may wait for us to read before it reads on.
    Result<proto::Message> message = channel_.receive(0);
    if (message) {
      early_.push_back(std::move(*message));
    } else if (message.error().code != ErrorCode::kTimedOut) {
      return message.error();
    }
  }
  return Ok{};
}

bool Connection::has_message() {
  if (!early_.empty()) return true;
  Result<proto::Message> message = channel_.receive(0);
  if (!message) return false;
  early_.push_back(std::move(*message));
  return true;
}

Result<proto::Message> Connection::receive(int timeout_ms) {
  if (!early_.empty()) {
    proto::Message message = std::move(early_.front());
    early_.pop_front();
    return message;
  }
  for (;;) {
    Result<proto::Message> message = channel_.receive(0);
    if (message) return message;
    if (message.error().code == ErrorCode::kDisconnected) {
      return Error{ErrorCode::kDisconnected, "the daemon closed the connection",
                   "its log says why; try again"};
    }
    if (message.error().code != ErrorCode::kTimedOut) return message;
    switch (wait_on(channel_.fd(), POLLIN, timeout_ms, patience_)) {
      case Wake::kReady:
        break;
      case Wake::kInterrupted:
        return interrupted();
      case Wake::kTimedOut:
        return Error{ErrorCode::kTimedOut,
                     "the daemon did not answer within " + std::to_string(timeout_ms / 1000) + " s",
                     ""};
    }
  }
}

Result<proto::Message> Connection::receive_answer(uint16_t type, const EventHandler& on_event) {
  for (;;) {
    Result<proto::Message> message = receive(kAnswerMs);
    if (!message || message->type == type) return message;
    if (message->type == proto::kError) return error_of(*message);
    if (message->type != proto::kEvent) {
      return Error{ErrorCode::kUnexpected,
                   "the daemon answered with message " + std::to_string(message->type) + " where " +
                       std::to_string(type) + " was due",
                   "pdf2mdctl and pdf2mdd may be of different versions"};
    }
    Result<proto::Event> event = proto::body_of<proto::Event>(*message);
    if (!event) return event.error();
    if (on_event) on_event(*event);
  }
}

}  // namespace pdf2md::ctl
