// Blocking messages over a stream socket, with deadlines: for pdf2mdctl, the worker and the reader.
// (The supervisor does the same on its event loop.)
#pragma once

#include <vector>

#include "proto/fd.h"
#include "proto/frame.h"

namespace pdf2md::proto {

constexpr int kNoDeadline = -1;

class Channel {
 public:
  explicit Channel(Fd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

  // Sends a whole frame; with_fd (if ≥ 0) travels along as SCM_RIGHTS. Errors: kDisconnected,
  // kTimedOut, kIo.
  Status send_frame(std::string_view frame, int timeout_ms = kNoDeadline, int with_fd = -1);
  template <class Body>
  Status send(const Body& body, int timeout_ms = kNoDeadline, int with_fd = -1) {
    return send_frame(encode_frame(body), timeout_ms, with_fd);
  }

  // The next message. Errors: kDisconnected (also where the other side died within a frame),
  // kTimedOut (nothing is lost: the next call goes on), kBadFrame, kBadMessage.
  Result<Message> receive(int timeout_ms = kNoDeadline);

  // Descriptors that came along with the bytes read so far, oldest first; at most 4 are kept,
  // surplus ones are closed. They are close-on-exec.
  std::vector<Fd>& received_fds() { return fds_; }

 private:
  Fd fd_;
  FrameReader reader_;
  std::vector<Fd> fds_;
};

// {a, b}: a connected pair of stream sockets, close-on-exec.
Result<std::pair<Fd, Fd>> socket_pair();

}  // namespace pdf2md::proto
