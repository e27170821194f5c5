// What the service manager hears (sd_notify(3)): one datagram a time, no library.
//
//   READY=1              once the first worker has run its models
//   EXTEND_TIMEOUT_USEC  before that, while workers start (a cold disk or a GPU that comes late
//                        must not look like a start that failed), and while the daemon stops
//   WATCHDOG=1           at half of WATCHDOG_USEC, as long as the loop turns and health deserves it
//   RELOADING=1, STOPPING=1, STATUS=...
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {

// What the service manager asks for, from the environment.
struct NotifyRequest {
  std::string socket;       // NOTIFY_SOCKET; empty: nobody listens
  int64_t watchdog_ms = 0;  // WATCHDOG_USEC, if WATCHDOG_PID is ours or absent; 0: no watchdog
  int64_t ping_ms() const { return watchdog_ms / 2; }
};
NotifyRequest notify_request(const GetEnvironment& getenv, pid_t pid);

// The state of the service, as far as the manager is concerned.
struct ServiceState {
  bool was_ready = false;  // a worker has run its models since the start
  bool starting = false;   // a worker is on its way
  bool stopping = false;
  int64_t stop_within_ms = 0;  // with `stopping`: how long that may take from its beginning
  bool healthy = true;         // see deserves_watchdog() in health.h
  std::string status;          // for people, one line
};

// Remembers what was told and composes what is to be told. Pure.
class Notifier {
 public:
  explicit Notifier(const NotifyRequest& request) : request_(request) {}
  // The datagram that is due; empty: nothing is. To be called at least every ping_ms() and every
  // kTurnMs.
  std::string due(const ServiceState& state, int64_t now_ms);
  // Around the reading of a changed configuration. Empty before READY=1: a reload ends with that
  // word, and it would not be true yet.
  std::string reloading(int64_t now_us) const;
  std::string reloaded() const;

  static constexpr int64_t kTurnMs = 1'000;
  static constexpr int64_t kExtendMs = 30'000;  // a start may take so long from each turn on
  static constexpr int64_t kStatusMs = 2'000;   // STATUS= not more often

 private:
  NotifyRequest request_;
  bool said_ready_ = false;
  bool said_stopping_ = false;
  std::string said_status_;
  int64_t status_ms_ = INT64_MIN / 2;
  int64_t extended_ms_ = INT64_MIN / 2;
  int64_t pinged_ms_ = INT64_MIN / 2;
};

// Sends it to `socket`, a path or "@" and an abstract name. Where that cannot be reached, nothing
// happens.
void send_notification(const std::string& socket, const std::string& state);

}  // namespace pdf2md::supervisor
