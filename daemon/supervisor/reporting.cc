#include "daemon/supervisor/reporting.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "proto/fd.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

const char* environment(const char* name) {
  return std::getenv(name);
}

int64_t monotonic_us() {
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

Status replace_file(const std::string& path, const std::string& text) {
  std::string temporary = path + ".new";
  Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file.valid()) return io_error("cannot write " + temporary);
  if (::fchmod(file.get(), 0644) != 0) return io_error("cannot set the mode of " + temporary);
  Status written = write_all(file.get(), text);
  if (!written) return written;
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return io_error("cannot replace " + path);
  return Ok{};
}

Reporting::Reporting(EventLoop& loop, const Config& config, Source source)
    : loop_(loop),
      config_(config),
      source_(std::move(source)),
      request_(notify_request(environment, ::getpid())),
      notifier_(request_),
      turn_(loop),
      textfile_(loop) {}

void Reporting::start() {
  if (!request_.socket.empty()) {
    int64_t turn_ms = Notifier::kTurnMs;
    if (request_.watchdog_ms > 0) turn_ms = std::min(turn_ms, request_.ping_ms() / 2);
    turn_.every(turn_ms, [this] { tell(); });
  }
  reconfigured();
  tell();
}

void Reporting::tell() {
  if (request_.socket.empty()) return;
  send_notification(request_.socket, notifier_.due(source_.service(), loop_.now_ms()));
}

void Reporting::reload_begins() {
  send_notification(request_.socket, notifier_.reloading(monotonic_us()));
}

void Reporting::reload_ends() {
  send_notification(request_.socket, notifier_.reloaded());
}

void Reporting::reconfigured() {
  textfile_.stop();
  if (config_.metrics.textfile.empty()) return;
  textfile_.every(config_.metrics.interval_ms, [this] { write_textfile(); });
  write_textfile();
}

void Reporting::write_textfile() {
  if (writing_) return;  // a disk that is slower than the interval
  writing_ = true;
  std::shared_ptr<std::string> problem = std::make_shared<std::string>();
  loop_.in_background(
      [path = config_.metrics.textfile, text = source_.metrics(), problem] {
        Status written = replace_file(path, text);
        if (!written) *problem = to_string(written.error());
      },
      [this, problem] {
        writing_ = false;
        if (!problem->empty() && *problem != last_problem_)
          log(LogLevel::kWarning, "metrics.textfile: " + *problem);
        last_problem_ = *problem;
      });
}

}  // namespace pdf2md::supervisor
