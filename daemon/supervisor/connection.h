// Frames over a non-blocking stream socket on the event loop: what proto/channel.h is for blocking
// programs.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "daemon/supervisor/event_loop.h"
#include "proto/fd.h"
#include "proto/frame.h"

namespace pdf2md::supervisor {

class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_message(const proto::Message& message) = 0;
  // The other side closed (kDisconnected), or the stream cannot be used any more (kBadFrame,
  // kBadMessage, kIo). Nothing follows. Frames can still be sent after kBadFrame and kBadMessage,
  // for a last word.
  virtual void on_end(const Error& why) = 0;
  // The unsent bytes went below half of the high-water mark again.
  virtual void on_drained() {}
  // The connection closed by itself, after close_when_sent().
  virtual void on_closed() {}
};

class Connection {
 public:
  // Reads at once, until more than `high_water` unsent bytes stop it; `handler` outlives the
  // connection.
  Connection(EventLoop& loop, Fd socket, size_t high_water, ConnectionHandler& handler);
  ~Connection() { close(); }

  void send_frame(std::string frame);
  template <class Body>
  void send(const Body& body) {
    send_frame(proto::encode_frame(body));
  }

  // While held, no message is read or delivered.
  void hold(bool held);
  // Reads and delivers what has arrived already, without waiting: before a dead child's socket is
  // closed.
  void read_rest();
  // Closes when all is sent, or after `timeout_ms`.
  void close_when_sent(int64_t timeout_ms);
  void close();

  bool open() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }
  size_t unsent() const { return unsent_; }
  bool above_high_water() const { return was_above_; }
  bool closing() const { return closing_; }

 private:
  void on_ready(bool readable, bool writable);
  bool read_some();
  void deliver();
  bool blocked() const { return held_ || was_above_ || closing_; }
  void write_some();
  void end(const Error& why);
  void update_interest();

  EventLoop& loop_;
  Fd socket_;
  size_t high_water_;
  ConnectionHandler& handler_;
  std::unique_ptr<FdWatch> watch_;
  std::unique_ptr<Timer> last_call_;
  proto::FrameReader reader_;
  std::deque<std::string> out_;
  size_t out_offset_ = 0;  // of the first frame
  size_t unsent_ = 0;
  bool held_ = false;
  bool resume_ = false;        // messages may be waiting in reader_: look at it in the next turn
  bool write_failed_ = false;  // what is sent from here on is dropped
  bool was_above_ = false;
  bool ended_ = false;    // on_end was called
  bool closing_ = false;  // close_when_sent
  bool delivering_ = false;
};

}  // namespace pdf2md::supervisor
