#include "daemon/supervisor/connection.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace pdf2md::supervisor {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int kReadsPerTurn = 8;  // then others have their turn

}  // namespace

Connection::Connection(EventLoop& loop, Fd socket, size_t high_water, ConnectionHandler& handler)
    : loop_(loop), socket_(std::move(socket)), high_water_(high_water), handler_(handler) {
  ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
  watch_ = std::make_unique<FdWatch>(
      loop_, socket_.get(), [this](bool readable, bool writable) { on_ready(readable, writable); });
  update_interest();
}

void Connection::send_frame(std::string frame) {
  if (!open() || write_failed_) return;
  unsent_ += frame.size();
  out_.push_back(std::move(frame));
  write_some();
  update_interest();
}

void Connection::hold(bool held) {
  if (held_ == held) return;
  held_ = held;
  if (!held_)
    resume_ = true;  // not from within: the caller may be in the middle of handling a message
  update_interest();
}

void Connection::read_rest() {
  while (open() && !ended_ && read_some()) deliver();
  if (open()) deliver();
}

void Connection::close_when_sent(int64_t timeout_ms) {
  if (!open() || closing_) return;
  closing_ = true;
  ended_ = true;
  last_call_ = std::make_unique<Timer>(loop_);
  last_call_->once(unsent_ == 0 ? 0 : timeout_ms, [this] {
    close();
    handler_.on_closed();
  });
  update_interest();
}

void Connection::close() {
  if (!open()) return;
  ended_ = true;
  watch_.reset();  // before the descriptor is closed
  last_call_.reset();
  socket_.reset();
  out_.clear();
  unsent_ = 0;
  out_offset_ = 0;
}

void Connection::on_ready(bool readable, bool writable) {
  resume_ = false;
  if (writable) write_some();
  if (open() && !ended_) deliver();
  for (int i = 0; readable && i < kReadsPerTurn && open() && !ended_ && !blocked(); ++i) {
    if (!read_some()) break;
    deliver();
  }
  if (open()) update_interest();
}

// False: nothing more to be had now.
bool Connection::read_some() {
  char bytes[kReadBytes];
  ssize_t n;
  do n = ::recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (n <= 0) {
    end(Error{ErrorCode::kDisconnected, "the other side closed the connection", ""});
    return false;
  }
  reader_.append(std::string_view(bytes, static_cast<size_t>(n)));
  return true;
}

void Connection::deliver() {
  if (delivering_) return;
  delivering_ = true;
  while (open() && !ended_ && !blocked()) {
    Result<std::optional<proto::Message>> message = reader_.next();
    if (!message) {
      end(message.error());
      break;
    }
    if (!message->has_value()) break;
    handler_.on_message(**message);
  }
  delivering_ = false;
}

void Connection::write_some() {
  while (open() && !out_.empty()) {
    const std::string& frame = out_.front();
    ssize_t n;
    do
      n = ::send(socket_.get(), frame.data() + out_offset_, frame.size() - out_offset_,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (n < 0) {
      // What the other side sent before it closed can still be read, and its end is found there.
      write_failed_ = true;
      out_.clear();
      out_offset_ = 0;
      unsent_ = 0;
      was_above_ = false;
      if (held_) end(Error{ErrorCode::kDisconnected, "the other side closed the connection", ""});
      break;
    }
    unsent_ -= static_cast<size_t>(n);
    out_offset_ += static_cast<size_t>(n);
    if (out_offset_ < frame.size()) break;
    out_.pop_front();
    out_offset_ = 0;
  }
  if (closing_ && unsent_ == 0 && last_call_ != nullptr) {
    last_call_->once(0, [this] {
      close();
      handler_.on_closed();
    });
  } else if (unsent_ > high_water_) {
    was_above_ = true;
  } else if (was_above_ && unsent_ <= high_water_ / 2) {
    was_above_ = false;
    resume_ = true;
    handler_.on_drained();
  }
}

void Connection::end(const Error& why) {
  if (ended_) return;
  ended_ = true;
  handler_.on_end(why);
}

void Connection::update_interest() {
  if (!open()) return;
  // A socket is writable most of the time: asking for that is asking for a turn.
  watch_->want(!blocked() && !ended_, unsent_ > 0 || resume_);
}

}  // namespace pdf2md::supervisor
