// The event loop. libuv is included by event_loop.cc alone; everybody else uses these types.
//
// All callbacks run on the thread that called run(). A callback may destroy the very object it came
// from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace pdf2md::supervisor {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Monotonic, the same for all callbacks of one turn.
  int64_t now_ms() const;

  // Turns until stop(), then until nothing runs in the background any more.
  void run();
  void stop();

  // Runs `task` in the next turn: for destroying what the present callback still uses.
  void post(std::function<void()> task);

  // Runs `work` on another thread (file trees, never our own state), then `done` here; `done` may
  // be empty.
  void in_background(std::function<void()> work, std::function<void()> done);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

class Timer {
 public:
  explicit Timer(EventLoop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  void once(int64_t delay_ms, std::function<void()> on_fire);
  void every(int64_t interval_ms, std::function<void()> on_fire);
  void stop();

  struct Handle;

 private:
  Handle* handle_;
};

// Tells when a socket can be read or written. It does not own the descriptor, which has to stay
// open as long.
class FdWatch {
 public:
  using Callback = std::function<void(bool readable, bool writable)>;
  FdWatch(EventLoop& loop, int fd, Callback on_ready);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  void want(bool read, bool write);

  struct Handle;

 private:
  Handle* handle_;
};

class SignalWatch {
 public:
  SignalWatch(EventLoop& loop, int signal, std::function<void()> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  struct Handle;

 private:
  Handle* handle_;
};

}  // namespace pdf2md::supervisor
