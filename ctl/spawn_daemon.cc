#include "ctl/spawn_daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "ctl/interrupt.h"
#include "ctl/output_plan.h"

namespace pdf2md::ctl {
namespace {

constexpr int kStartMs = 60'000;  // to listen; the models load after that
constexpr int kVersionMs = 3'000;
constexpr off_t kLogBytes = 8 << 20;
constexpr size_t kTailBytes = 1500;
constexpr int kReadyFd = 3;

std::string own_folder() {
  char path[PATH_MAX];
  ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == sizeof path) return ".";
  std::string program(path, static_cast<size_t>(n));
  return program.substr(0, program.rfind('/'));
}

// What the daemon should not take for its own: it is no service of the manager that runs us.
bool is_foreign(const char* entry) {
  for (const char* name : {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "PDF2MD_SOCKET="}) {
    if (std::strncmp(entry, name, std::strlen(name)) == 0) return true;
  }
  return false;
}

// Only async-signal-safe calls from here to exec.
[[noreturn]] void become_daemon(char* const* arguments, char* const* environment, int log,
                                int ready, int null) {
  ::setsid();
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  // All are above 3 (see spawn_daemon), so nothing is overwritten before its use.
  ::dup2(ready, kReadyFd);
  ::close_range(kReadyFd + 1, ~0u, 0);
  ::umask(077);
  if (::chdir("/") == 0) ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::string end_of_log(const std::string& path, off_t from) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || info.st_size <= from) return "";
  off_t start = std::max<off_t>(from, info.st_size - static_cast<off_t>(kTailBytes));
  std::string tail(static_cast<size_t>(info.st_size - start), 0);
  ssize_t n = ::pread(fd.get(), tail.data(), tail.size(), start);
  tail.resize(n > 0 ? static_cast<size_t>(n) : 0);
  if (start > from) tail.erase(0, tail.find('\n') + 1);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  return tail;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == 127) return "could not be run";
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

// A descriptor above the ones that the daemon gets.
Result<Fd> raised(Fd fd, const std::string& what) {
  if (!fd.valid()) return io_error(what);
  int high = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 10);
  if (high < 0) return io_error(what);
  return Fd(high);
}

}  // namespace

std::string daemon_program() {
  if (const char* given = std::getenv("PDF2MD_DAEMON"); given != nullptr && *given != 0)
    return given;
  std::string folder = own_folder();
  std::string beside = folder + "/pdf2mdd";
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  std::string system = folder + "/../sbin/pdf2mdd";
  return ::access(system.c_str(), X_OK) == 0 ? system : beside;
}

std::string daemon_build() {
  std::string program = daemon_program();
  std::string option = "--version";
  char* arguments[] = {program.data(), option.data(), nullptr};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "";
  Fd reader(ends[0]);
  Fd writer(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
  pid_t child = 0;
  int problem = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) return "";
  writer.reset();
  std::string text;
  char buffer[256];
  while (text.size() < 4096 && wait_on(reader.get(), POLLIN, kVersionMs) == Wake::kReady) {
    ssize_t n = ::read(reader.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    text.append(buffer, static_cast<size_t>(n));
  }
  ::kill(child, SIGKILL);  // it has ended, or takes too long
  ::waitpid(child, nullptr, 0);
  const std::string before = "(build ";
  size_t start = text.find(before);
  if (start == std::string::npos) return "";
  start += before.size();
  return text.substr(start, text.find(')', start) - start);
}

Status spawn_daemon(const PrivatePlaces& places) {
  std::string program = daemon_program();
  if (::access(program.c_str(), X_OK) != 0) {
    Error error = io_error("no daemon is running, and " + program + " cannot be started");
    error.code = ErrorCode::kNoDaemon;
    error.hint = "PDF2MD_DAEMON names the program to start";
    return error;
  }
  Result<Fd> log = raised(
      Fd(::open(places.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)),
      places.log);
  if (!log) return log.error();
  struct stat info {};
  if (::fstat(log->get(), &info) == 0 && info.st_size > kLogBytes) {
    if (::ftruncate(log->get(), 0) != 0) return io_error(places.log);
    info.st_size = 0;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return io_error("pipe");
  Fd ready(ends[0]);
  Result<Fd> ready_writer = raised(Fd(ends[1]), "pipe");
  Result<Fd> null = raised(Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), "/dev/null");
  if (!ready_writer) return ready_writer.error();
  if (!null) return null.error();

  std::vector<std::string> words = {
      program,
      "--socket",
      places.socket,
      "--state",
      places.state_folder,
      "--idle-exit",
      std::to_string(kIdleExitSeconds),
      "--ready-fd",
      std::to_string(kReadyFd),
  };
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_foreign(*entry)) environment.push_back(*entry);
  }
  environment.push_back(nullptr);

  pid_t child = ::fork();
  if (child < 0) return io_error("fork");
  if (child == 0) {
    become_daemon(arguments.data(), environment.data(), log->get(), ready_writer->get(),
                  null->get());
  }
  ready_writer->reset();

  char word[8];
  ssize_t n = -1;
  Wake wake = wait_on(ready.get(), POLLIN, kStartMs);
  if (wake == Wake::kReady) n = ::read(ready.get(), word, sizeof word);
  if (n >= 5 && ::strncasecmp(word, "ready", 5) == 0) return Ok{};

  // Not ready: it ended, or is stopped now. Either way it is ours to reap.
  if (wake != Wake::kReady) ::kill(child, SIGTERM);
  int status = 0;
  bool reaped = false;
  for (int waited = 0; waited < 3000 && !reaped; waited += 20) {
    reaped = ::waitpid(child, &status, WNOHANG) == child;
    if (!reaped) (void)wait_on(-1, 0, 20, Patience::kStubborn);
  }
  if (!reaped) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  if (wake == Wake::kInterrupted) return Error{ErrorCode::kCancelled, "interrupted", ""};
  std::string what = wake == Wake::kTimedOut
                         ? "was not ready after " + std::to_string(kStartMs / 1000) + " s"
                         : describe_end(status);
  std::string tail = end_of_log(places.log, info.st_size);
  return Error{ErrorCode::kNoDaemon,
               "a private daemon could not be started: " + program + " " + what +
                   (tail.empty() ? "" : "; it said:\n" + tail),
               "its log is " + places.log};
}

}  // namespace pdf2md::ctl
