#include "daemon/supervisor/event_loop.h"

#include <uv.h>

#include <vector>

namespace pdf2md::supervisor {

struct EventLoop::Impl {
  uv_loop_t loop{};
  uv_async_t wake{};  // keeps the loop turning while nothing else is registered; runs posted tasks
  std::vector<std::function<void()>> posted;
  int background = 0;
  bool stopping = false;
};

namespace {

// The libuv handle lives on after its owner, until libuv has let go of it; so does the callback.
template <class Handle>
void close_and_delete(Handle* handle) {
  handle->callback = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->uv),
           [](uv_handle_t* closed) noexcept { delete static_cast<Handle*>(closed->data); });
}

void run_posted(EventLoop::Impl& impl) {
  std::vector<std::function<void()>> tasks;
  tasks.swap(impl.posted);
  for (std::function<void()>& task : tasks) task();
  if (!impl.posted.empty()) uv_async_send(&impl.wake);
}

struct BackgroundWork {
  uv_work_t uv{};
  EventLoop::Impl* impl = nullptr;
  std::function<void()> work;
  std::function<void()> done;
};

}  // namespace

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {
  uv_loop_init(&impl_->loop);
  impl_->wake.data = impl_.get();
  uv_async_init(&impl_->loop, &impl_->wake,
                [](uv_async_t* wake) noexcept { run_posted(*static_cast<Impl*>(wake->data)); });
}

EventLoop::~EventLoop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->wake), nullptr);
  uv_run(&impl_->loop, UV_RUN_DEFAULT);  // delivers the close callbacks of destroyed handles
  uv_loop_close(&impl_->loop);
}

int64_t EventLoop::now_ms() const {
  return static_cast<int64_t>(uv_now(&impl_->loop));
}

void EventLoop::run() {
  while (!impl_->stopping || impl_->background > 0) uv_run(&impl_->loop, UV_RUN_ONCE);
}

void EventLoop::stop() {
  impl_->stopping = true;
  uv_async_send(&impl_->wake);
}

void EventLoop::post(std::function<void()> task) {
  impl_->posted.push_back(std::move(task));
  uv_async_send(&impl_->wake);
}

void EventLoop::in_background(std::function<void()> work, std::function<void()> done) {
  BackgroundWork* job = new BackgroundWork();
  job->uv.data = job;
  job->impl = impl_.get();
  job->work = std::move(work);
  job->done = std::move(done);
  ++impl_->background;
  uv_queue_work(
      &impl_->loop, &job->uv,
      [](uv_work_t* uv) noexcept { static_cast<BackgroundWork*>(uv->data)->work(); },
      [](uv_work_t* uv, int) noexcept {
        std::unique_ptr<BackgroundWork> job(static_cast<BackgroundWork*>(uv->data));
        --job->impl->background;
        if (job->done) job->done();
      });
}

struct Timer::Handle {
  uv_timer_t uv{};
  std::shared_ptr<std::function<void()>> callback;
};

static void fire(uv_timer_t* uv) noexcept {
  // Held here, because the callback may start the timer anew with another one.
  std::shared_ptr<std::function<void()>> callback = static_cast<Timer::Handle*>(uv->data)->callback;
  if (callback) (*callback)();
}

Timer::Timer(EventLoop& loop) : handle_(new Handle()) {
  handle_->uv.data = handle_;
  uv_timer_init(&loop.impl().loop, &handle_->uv);
}
Timer::~Timer() {
  close_and_delete(handle_);
}

void Timer::once(int64_t delay_ms, std::function<void()> on_fire) {
  handle_->callback = std::make_shared<std::function<void()>>(std::move(on_fire));
  uv_timer_start(&handle_->uv, fire, static_cast<uint64_t>(delay_ms > 0 ? delay_ms : 0), 0);
}

void Timer::every(int64_t interval_ms, std::function<void()> on_fire) {
  handle_->callback = std::make_shared<std::function<void()>>(std::move(on_fire));
  uint64_t interval = static_cast<uint64_t>(interval_ms > 0 ? interval_ms : 1);
  uv_timer_start(&handle_->uv, fire, interval, interval);
}

void Timer::stop() {
  uv_timer_stop(&handle_->uv);
}

struct FdWatch::Handle {
  uv_poll_t uv{};
  std::shared_ptr<Callback> callback;
};

FdWatch::FdWatch(EventLoop& loop, int fd, Callback on_ready) : handle_(new Handle()) {
  handle_->uv.data = handle_;
  handle_->callback = std::make_shared<Callback>(std::move(on_ready));
  uv_poll_init(&loop.impl().loop, &handle_->uv, fd);
}
FdWatch::~FdWatch() {
  close_and_delete(handle_);
}

void FdWatch::want(bool read, bool write) {
  int events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);
  if (events == 0) {
    uv_poll_stop(&handle_->uv);
    return;
  }
  uv_poll_start(&handle_->uv, events, [](uv_poll_t* uv, int status, int events) noexcept {
    std::shared_ptr<Callback> callback = static_cast<Handle*>(uv->data)->callback;
    // An error shows up in the read or write that follows.
    if (callback)
      (*callback)(status < 0 || (events & UV_READABLE) != 0,
                  status < 0 || (events & UV_WRITABLE) != 0);
  });
}

struct SignalWatch::Handle {
  uv_signal_t uv{};
  std::shared_ptr<std::function<void()>> callback;
};

SignalWatch::SignalWatch(EventLoop& loop, int signal, std::function<void()> on_signal)
    : handle_(new Handle()) {
  handle_->uv.data = handle_;
  handle_->callback = std::make_shared<std::function<void()>>(std::move(on_signal));
  uv_signal_init(&loop.impl().loop, &handle_->uv);
  uv_signal_start(
      &handle_->uv,
      [](uv_signal_t* uv, int) noexcept {
        std::shared_ptr<std::function<void()>> callback = static_cast<Handle*>(uv->data)->callback;
        if (callback) (*callback)();
      },
      signal);
}
SignalWatch::~SignalWatch() {
  close_and_delete(handle_);
}

}  // namespace pdf2md::supervisor
