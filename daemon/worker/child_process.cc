#include "daemon/worker/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proto/exit_code.h"
#include "proto/memfd.h"
#include "proto/reader_messages.h"

namespace pdf2md::worker {
namespace {

// A child whose socket is closed has usually exited; this long it may take until it can be reaped.
constexpr int kReapMs = 1000;
// Until READER_HELLO: a machine under load may need seconds to map its libraries.
constexpr int kStartMs = 30'000;
constexpr int kLookMs = 1000;
const Error kAbandoned{ErrorCode::kCancelled, "the job was cancelled", ""};

std::string seconds(int ms) {
  char text[32];
  std::snprintf(text, sizeof text, ms % 1000 == 0 ? "%.0f s" : "%.1f s", ms / 1000.0);
  return text;
}

const char* signal_words(int number) {
  switch (number) {
    case SIGSEGV:
      return "segmentation fault";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "arithmetic error";
    case SIGILL:
      return "illegal instruction";
    case SIGKILL:
      return "killed";
    case SIGSYS:
      return "forbidden system call";
    default:
      return "see signal(7)";
  }
}

// By a signal: state T in proc_pid_stat(5), after the name in parentheses.
bool is_stopped(pid_t pid) {
  Result<std::string> stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!stat) return false;
  size_t name_end = stat->rfind(") ");
  return name_end != stat->npos && name_end + 2 < stat->size() && (*stat)[name_end + 2] == 'T';
}

// The environment of this process with these variables in addition.
std::vector<char*> with_variables(const std::vector<std::string>& variables) {
  std::vector<char*> all;
  for (const std::string& variable : variables) all.push_back(const_cast<char*>(variable.c_str()));
  for (char** old = environ; *old != nullptr; ++old) {
    const std::string_view entry = *old;
    const bool replaced =
        std::any_of(variables.begin(), variables.end(), [&](const std::string& variable) {
          return entry.starts_with(std::string_view(variable).substr(0, variable.find('=') + 1));
        });
    if (!replaced) all.push_back(*old);
  }
  all.push_back(nullptr);
  return all;
}

}  // namespace

ChildProcess::~ChildProcess() {
  kill();
}

// How one that was not killed by us ended.
Error ChildProcess::end_of(int status) const {
  if (WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    return {
        ErrorCode::kWorkerDied,
        name_ + " killed by signal " + std::to_string(number) + " (" + signal_words(number) + ")",
        ""};
  }
  int code = WEXITSTATUS(status);
  if (code == static_cast<int>(WorkerExit::kOutOfMemory)) {
    return {ErrorCode::kOutOfMemory,
            name_ + " ran out of memory (limit " + std::to_string(memory_bytes_ >> 20) + " MiB)",
            "raise limits.reader_memory_mib"};
  }
  std::string hint = code == 127 ? "the program could not be started" : "";
  return {ErrorCode::kWorkerDied, name_ + " exited with code " + std::to_string(code), hint};
}

Status ChildProcess::start() {
  kill();
  Result<std::pair<Fd, Fd>> ends = proto::socket_pair();
  if (!ends) return ends.error();

  std::string parent = std::to_string(::getpid());
  const char* arguments[] = {program_.c_str(), "--parent", parent.c_str(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  // Where the socket already is descriptor 3, this clears its close-on-exec flag (glibc 2.29 and
  // later).
  ::posix_spawn_file_actions_adddup2(&actions, ends->second.get(), 3);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 4);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  std::vector<char*> environment = with_variables(environment_);
  int failure = ::posix_spawn(&pid, program_.c_str(), &actions, &attributes,
                              const_cast<char* const*>(arguments), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    return Error{ErrorCode::kIo, "starting " + program_ + ": " + std::strerror(failure), ""};
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pid_ = last_pid_ = pid;
  }
  channel_ = std::make_unique<proto::Channel>(std::move(ends->first));
  ends->second.reset();  // so that its end is seen
  return greet();
}

Status ChildProcess::greet() {
  Result<proto::Message> first = receive(kStartMs);
  if (!first && first.error().code == ErrorCode::kTimedOut) {
    return dead({ErrorCode::kWorkerDied, name_ + " did not start within " + seconds(kStartMs), ""});
  }
  if (!first) return dead(first.error());
  if (first->type != proto::kReaderHello)
    return dead({ErrorCode::kBadMessage, name_ + " did not say READER_HELLO first", ""});
  Result<proto::ReaderHello> hello = proto::from_value<proto::ReaderHello>(first->body);
  if (!hello) return dead(hello.error());
  sandbox_ = hello->sandbox;
  return Ok{};
}

void ChildProcess::watch(const std::atomic<bool>* abandoned) {
  std::lock_guard<std::mutex> lock(mutex_);
  abandoned_ = abandoned;
}

void ChildProcess::interrupt() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (busy_ && pid_ > 0 && is_abandoned()) ::kill(pid_, SIGKILL);
}

void ChildProcess::kill() {
  channel_.reset();
  std::lock_guard<std::mutex> lock(mutex_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Error ChildProcess::dead(const Error& cause) {
  if (pid_ <= 0) return cause;
  if (cause.code != ErrorCode::kDisconnected) {
    kill();
    return cause;
  }
  channel_.reset();
  for (int waited = 0; waited < kReapMs; ++waited) {
    int status = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    pid_t done = ::waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      pid_ = -1;
      return end_of(status);
    }
    lock.unlock();
    struct timespec pause {
      0, 1000000
    };
    ::nanosleep(&pause, nullptr);
  }
  kill();
  return {ErrorCode::kWorkerDied, name_ + " closed its connection and hung", ""};
}

Result<proto::Message> ChildProcess::ask(const std::string& frame, uint16_t expected,
                                         int timeout_ms, int with_fd) {
  if (!running()) return Error{ErrorCode::kWorkerDied, "no " + name_ + " is running", ""};
  auto be_busy = [this](bool busy) {
    std::lock_guard<std::mutex> lock(mutex_);
    busy_ = busy;
  };
  be_busy(true);
  // Asked after being busy was noted: an abandonment is either seen here, or interrupts.
  Result<proto::Message> answer = is_abandoned() ? Result<proto::Message>(kAbandoned)
                                                 : exchange(frame, expected, timeout_ms, with_fd);
  be_busy(false);
  if (!answer && is_abandoned()) return kAbandoned;
  return answer;
}

// As the channel's; looks at the child now and then. One that was stopped will never answer, and
// its page is not to blame for that.
Result<proto::Message> ChildProcess::receive(int timeout_ms) {
  for (int left_ms = timeout_ms;; left_ms -= kLookMs) {
    Result<proto::Message> answer = channel_->receive(std::min(left_ms, kLookMs));
    if (answer || answer.error().code != ErrorCode::kTimedOut) return answer;
    if (is_stopped(pid_)) return Error{ErrorCode::kWorkerDied, name_ + " was stopped", ""};
    if (left_ms <= kLookMs) return answer;
  }
}

Result<proto::Message> ChildProcess::exchange(const std::string& frame, uint16_t expected,
                                              int timeout_ms, int with_fd) {
  channel_->received_fds().clear();
  Status sent = channel_->send_frame(frame, timeout_ms, with_fd);
  Result<proto::Message> answer = sent ? receive(timeout_ms) : Result<proto::Message>(sent.error());
  if (!answer) {
    const Error& cause = answer.error();
    if (cause.code == ErrorCode::kTimedOut) {
      return dead(
          {ErrorCode::kPageTimedOut, name_ + " timed out after " + seconds(timeout_ms), ""});
    }
    if (cause.code == ErrorCode::kBadFrame)
      return dead({ErrorCode::kBadMessage, cause.message, ""});
    return dead(cause);
  }
  if (answer->type == proto::kError) {
    Result<proto::ErrorReply> reply = proto::from_value<proto::ErrorReply>(answer->body);
    if (!reply) return dead(reply.error());
    return proto::to_error(*reply);
  }
  if (answer->type != expected) {
    return dead({ErrorCode::kBadMessage,
                 name_ + " answered with message " + std::to_string(answer->type) + " instead of " +
                     std::to_string(expected),
                 ""});
  }
  return answer;
}

Error ChildProcess::lied(const std::string& what) {
  return dead({ErrorCode::kBadMessage, name_ + " " + what, ""});
}

Result<Fd> ChildProcess::take_memfd(uint64_t bytes) {
  std::vector<Fd>& files = channel_->received_fds();
  if (files.size() != 1) return lied("sent " + std::to_string(files.size()) + " descriptors");
  Fd file = std::move(files[0]);
  files.clear();
  Result<size_t> size = proto::sealed_size(file.get());
  if (!size) return dead(size.error());
  if (*size != bytes || *size == 0) return lied("sent a memfd of the wrong size");
  return file;
}

}  // namespace pdf2md::worker
