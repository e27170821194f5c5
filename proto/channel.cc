#include "proto/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pdf2md::proto {
namespace {

constexpr size_t kMaxReceivedFds = 4;

int64_t now_ms() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

// Waits until `events` or the deadline. deadline_ms < 0: for ever.
Status wait_for(int fd, short events, int64_t deadline_ms) {
  for (;;) {
    int timeout = -1;
    if (deadline_ms >= 0) timeout = static_cast<int>(std::max<int64_t>(0, deadline_ms - now_ms()));
    struct pollfd item {
      fd, events, 0
    };
    int n = ::poll(&item, 1, timeout);
    if (n > 0) return Ok{};
    if (n == 0) return Error{ErrorCode::kTimedOut, "no answer in time", ""};
    if (errno != EINTR) return io_error("poll");
  }
}

}  // namespace

Status Channel::send_frame(std::string_view frame, int timeout_ms, int with_fd) {
  int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
  while (!frame.empty()) {
    struct iovec part {
      const_cast<char*>(frame.data()), frame.size()
    };
    struct msghdr header {};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (with_fd >= 0) {
      header.msg_control = control;
      header.msg_controllen = sizeof control;
      struct cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(rights), &with_fd, sizeof(int));
    }
    int flags = MSG_NOSIGNAL | (deadline >= 0 ? MSG_DONTWAIT : 0);
    ssize_t n = ::sendmsg(fd_.get(), &header, flags);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      Status ready = wait_for(fd_.get(), POLLOUT, deadline);
      if (!ready) return ready;
      continue;
    }
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
      return Error{ErrorCode::kDisconnected, "the other side closed the connection", ""};
    }
    if (n < 0) return io_error("send");
    frame.remove_prefix(static_cast<size_t>(n));
    with_fd = -1;  // it went with the first byte
  }
  return Ok{};
}

Result<Message> Channel::receive(int timeout_ms) {
  int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
  for (;;) {
    Result<std::optional<Message>> message = reader_.next();
    if (!message) return message.error();
    if (message->has_value()) return std::move(**message);
    Status ready = wait_for(fd_.get(), POLLIN, deadline);
    if (!ready) return ready.error();

    char bytes[1 << 16];
    struct iovec part {
      bytes, sizeof bytes
    };
    alignas(struct cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
    struct msghdr header {};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t n = ::recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (n < 0 && errno != ECONNRESET) return io_error("receive");
    if (n <= 0) return Error{ErrorCode::kDisconnected, "the other side closed the connection", ""};
    for (struct cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
        Fd owned(fd);
        if (fds_.size() < kMaxReceivedFds) fds_.push_back(std::move(owned));
      }
    }
    reader_.append(std::string_view(bytes, static_cast<size_t>(n)));
  }
}

Result<std::pair<Fd, Fd>> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return io_error("socketpair");
  return std::pair<Fd, Fd>(Fd(ends[0]), Fd(ends[1]));
}

}  // namespace pdf2md::proto
