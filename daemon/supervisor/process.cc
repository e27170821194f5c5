#include "daemon/supervisor/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

constexpr int kControlFd = 3;

struct LaunchFailure {
  char stage[24];
  int number;
};

bool for_us_alone(const char* variable) {
  for (const char* prefix : {"NOTIFY_", "LISTEN_", "WATCHDOG_"}) {
    if (std::strncmp(variable, prefix, std::strlen(prefix)) == 0) return true;
  }
  return false;
}

bool replaced(const char* variable, const std::vector<std::string>& more) {
  return std::any_of(more.begin(), more.end(), [variable](const std::string& one) {
    return std::strncmp(variable, one.c_str(), one.find('=') + 1) == 0;
  });
}

[[noreturn]] void fail_launch(int report, const char* stage) {
  LaunchFailure failure{};
  failure.number = errno;
  std::strncpy(failure.stage, stage, sizeof failure.stage - 1);
  [[maybe_unused]] ssize_t written = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* argv, char* const* envp, int control, int report) {
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  int null = ::open("/dev/null", O_RDONLY);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0) fail_launch(report, "open /dev/null");
  if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) fail_launch(report, "dup2");
  // The reporting end may sit where the control socket has to go.
  int moved = ::fcntl(report, F_DUPFD_CLOEXEC, kControlFd + 1);
  if (moved < 0) fail_launch(report, "fcntl");
  if (control == kControlFd) {
    if (::fcntl(control, F_SETFD, 0) != 0) fail_launch(moved, "fcntl");
  } else if (::dup2(control, kControlFd) < 0) {
    fail_launch(moved, "dup2");
  }
  ::close_range(kControlFd + 1, ~0u, CLOSE_RANGE_CLOEXEC);  // whatever our own parent left open
  ::execve(argv[0], argv, envp);
  fail_launch(moved, "execve");
}

}  // namespace

Result<Process> Process::spawn(const std::string& program,
                               const std::vector<std::string>& arguments,
                               const std::vector<std::string>& more, int control) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return io_error("pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!for_us_alone(*variable) && !replaced(*variable, more)) envp.push_back(*variable);
  }
  for (const std::string& variable : more) envp.push_back(const_cast<char*>(variable.c_str()));
  // Between two pages the models' threads sleep instead of spinning. libgomp reads this when it is
  // loaded, so the worker cannot say it itself.
  std::string wait_policy = "OMP_WAIT_POLICY=passive";
  if (::getenv("OMP_WAIT_POLICY") == nullptr) envp.push_back(wait_policy.data());
  envp.push_back(nullptr);

  pid_t pid = ::fork();
  if (pid < 0) return io_error("fork");
  if (pid == 0) become(argv.data(), envp.data(), control, write_end.get());
  ::setpgid(pid, pid);  // in both: whoever is first
  write_end.reset();
  LaunchFailure failure{};
  ssize_t n;
  do n = ::read(read_end.get(), &failure, sizeof failure);
  while (n < 0 && errno == EINTR);
  if (n == 0) return Process(pid);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return Error{ErrorCode::kIo,
               program + ": " + failure.stage + ": " + std::strerror(failure.number),
               "is it installed beside pdf2mdd?"};
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

Process::~Process() {
  if (pid_ <= 0) return;
  log(LogLevel::kError, "a child was not reaped before it was forgotten (a bug)",
      {{"pid", std::to_string(pid_)}});
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Process::signal(int number) {
  if (pid_ <= 0) return;
  if (number == SIGKILL) ::kill(-pid_, number);
  ::kill(pid_, number);
}

std::optional<ExitStatus> Process::reap() {
  if (pid_ <= 0) return std::nullopt;
  siginfo_t info{};
  if (::waitid(P_PID, pid_, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != pid_)
    return std::nullopt;
  ::kill(-pid_, SIGKILL);  // the pid, and so the group's number, is ours until waitpid
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return ExitStatus::from_wait(status);
}

}  // namespace pdf2md::supervisor
