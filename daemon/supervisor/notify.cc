#include "daemon/supervisor/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>

#include "proto/fd.h"

namespace pdf2md::supervisor {
namespace {

int64_t number_of(const char* text) {
  int64_t number = 0;
  const char* end = text + std::strlen(text);
  auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc() && stop == end && number > 0 ? number : 0;
}

std::string microseconds(int64_t ms) {
  return std::to_string(ms * 1000);
}

}  // namespace

NotifyRequest notify_request(const GetEnvironment& getenv, pid_t pid) {
  NotifyRequest request;
  const char* socket = getenv("NOTIFY_SOCKET");
  if (socket == nullptr || (socket[0] != '/' && socket[0] != '@')) return request;
  request.socket = socket;
  const char* watchdog_us = getenv("WATCHDOG_USEC");
  const char* for_pid = getenv("WATCHDOG_PID");
  if (watchdog_us == nullptr || (for_pid != nullptr && number_of(for_pid) != pid)) return request;
  request.watchdog_ms = number_of(watchdog_us) / 1000;
  return request;
}

std::string Notifier::due(const ServiceState& state, int64_t now_ms) {
  if (request_.socket.empty()) return "";
  std::string text;
  auto say = [&text](const std::string& line) { text += (text.empty() ? "" : "\n") + line; };
  if (state.was_ready && !said_ready_ && !state.stopping) {
    said_ready_ = true;
    say("READY=1");
  }
  if (state.stopping && !said_stopping_) {
    said_stopping_ = true;
    say("STOPPING=1");
    say("EXTEND_TIMEOUT_USEC=" + microseconds(state.stop_within_ms));
  }
  bool extends = !said_ready_ && !state.stopping && state.starting;
  if (extends && now_ms - extended_ms_ >= kExtendMs / 3) {
    extended_ms_ = now_ms;
    say("EXTEND_TIMEOUT_USEC=" + microseconds(kExtendMs));
  }
  // Whatever is told for another reason, the status goes along.
  bool status_may_go = !text.empty() || now_ms - status_ms_ >= kStatusMs;
  if (state.status != said_status_ && status_may_go) {
    said_status_ = state.status;
    status_ms_ = now_ms;
    say("STATUS=" + state.status);
  }
  bool pings = request_.watchdog_ms > 0 && state.healthy;
  if (pings && now_ms - pinged_ms_ + kTurnMs > request_.ping_ms()) {
    pinged_ms_ = now_ms;
    say("WATCHDOG=1");
  }
  return text;
}

std::string Notifier::reloading(int64_t now_us) const {
  if (!said_ready_) return "";
  return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us);
}

std::string Notifier::reloaded() const {
  return said_ready_ ? "READY=1" : "";
}

void send_notification(const std::string& path, const std::string& state) {
  struct sockaddr_un address {};
  if (state.empty() || path.empty() || path.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // Never waits: a watchdog that is not fed because the manager does not read is no harm.
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
           reinterpret_cast<struct sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(struct sockaddr_un, sun_path) + path.size()));
}

}  // namespace pdf2md::supervisor
