#include "ctl/interrupt.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace pdf2md::ctl {
namespace {

std::atomic<int> g_signal{0};
std::atomic<bool> g_watch_stdout{false};
std::atomic<bool> g_finish_first{false};  // the next SIGINT is a mild one
std::atomic<bool> g_finishing{false};
int g_mild = -1;    // readable after the wish to begin nothing new
int g_first = -1;   // readable after the first signal
int g_second = -1;  // readable after the second

void raise_flag(int fd) {
  uint64_t one = 1;
  ssize_t ignored = ::write(fd, &one, sizeof one);  // an eventfd that is full is readable already
  (void)ignored;
}

void on_signal(int signal) {
  int saved = errno;
  int expected = 0;
  if (signal == SIGINT && g_finish_first.exchange(false)) {
    g_finishing = true;
    raise_flag(g_mild);
  } else if (g_signal.compare_exchange_strong(expected, signal)) {
    raise_flag(g_mild);
    raise_flag(g_first);
  } else {
    raise_flag(g_second);
    ::signal(signal, SIG_DFL);
  }
  errno = saved;
}

int64_t now_ms() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

}  // namespace

void install_signal_handlers() {
  g_mild = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_first = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_second = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ::signal(SIGPIPE, SIG_IGN);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current {};
    ::sigaction(signal, nullptr, &current);
    if (current.sa_handler == SIG_IGN) continue;  // nohup, or a background job of a plain shell
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(signal, &action, nullptr);
  }
}

void let_finish_first() {
  g_finish_first = true;
}

bool asked_to_finish() {
  return g_finishing || g_signal != 0;
}

int interrupted_by() {
  return g_signal.load();
}

void interrupt_with(int signal) {
  int expected = 0;
  if (!g_signal.compare_exchange_strong(expected, signal)) return;
  raise_flag(g_mild);
  raise_flag(g_first);
}

void watch_standard_output() {
  g_watch_stdout = true;
}

Wake wait_on(int fd, short events, int timeout_ms, Patience patience) {
  int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
  for (;;) {
    int flag = patience == Patience::kNormal ? g_first
               : patience == Patience::kIdle ? g_mild
                                             : g_second;
    bool watch_stdout = patience != Patience::kStubborn && g_watch_stdout;
    struct pollfd items[3] = {
        {flag, POLLIN, 0},
        {fd, events, 0},
        {watch_stdout ? STDOUT_FILENO : -1, 0, 0},  // POLLERR comes unasked
    };
    int timeout = -1;
    if (deadline >= 0) timeout = static_cast<int>(std::max<int64_t>(0, deadline - now_ms()));
    int n = ::poll(items, 3, timeout);
    if (n < 0 && errno != EINTR) return Wake::kTimedOut;
    if (n < 0) continue;
    if (items[0].revents != 0) return Wake::kInterrupted;
    if ((items[2].revents & POLLERR) != 0) {
      interrupt_with(SIGPIPE);
      return Wake::kInterrupted;
    }
    if (items[1].revents != 0) return Wake::kReady;
    // A terminal that hung up would spin here; SIGHUP ends that.
    if (deadline >= 0 && now_ms() >= deadline) return Wake::kTimedOut;
  }
}

void die_of_interrupt() {
  int signal = interrupted_by();
  ::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace pdf2md::ctl
