// pdf2mdctl top: asks the daemon once a second, draws, and carries out what keys ask for.
#include <unistd.h>

#include <ctime>

#include "ctl/colour.h"
#include "ctl/commands.h"
#include "ctl/find_daemon.h"
#include "ctl/interrupt.h"
#include "ctl/text.h"
#include "ctl/top_screen.h"
#include "proto/admin_messages.h"

namespace pdf2md::ctl {
namespace {

using Kind = TopRequest::Kind;

constexpr int64_t kLookMs = 1000;
constexpr int kKeyMs = 100;  // a change of size shows itself as a key, which poll() does not see

int64_t clock_ms(clockid_t clock) {
  struct timespec ts {};
  ::clock_gettime(clock, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

Result<TopData> look(Connection& connection) {
  TopData data;
  Result<proto::HealthReport> health =
      connection.request<proto::HealthReport>(proto::HealthRequest());
  if (!health) return health.error();
  Result<proto::WorkerList> workers =
      connection.request<proto::WorkerList>(proto::WorkersRequest());
  if (!workers) return workers.error();
  Result<proto::Jobs> jobs = connection.request<proto::Jobs>(proto::StatusRequest());
  if (!jobs) return jobs.error();
  Result<proto::MetricsText> metrics =
      connection.request<proto::MetricsText>(proto::MetricsRequest());
  if (!metrics) return metrics.error();
  data.health = std::move(*health);
  data.workers = std::move(workers->workers);
  data.jobs = std::move(jobs->jobs);
  data.counters = read_counters(metrics->text);
  return data;
}

template <class Reply, class Request>
Result<std::string> ask(Connection& connection, const Request& request, const std::string& done) {
  Result<Reply> reply = connection.request<Reply>(request);
  if (!reply) return reply.error();
  return done;
}

// What was done, for people.
Result<std::string> carry_out(Connection& connection, const TopRequest& request) {
  const std::string job = "job " + std::to_string(request.job);
  switch (request.kind) {
    case Kind::kCancel:
      return ask<proto::Done>(connection, proto::Cancel{request.job}, job + " is cancelled");
    case Kind::kHold:
      return ask<proto::Done>(connection, proto::Hold{request.job}, job + " is held");
    case Kind::kRelease:
      return ask<proto::Done>(connection, proto::Release{request.job}, job + " is released");
    case Kind::kResize:
      return ask<proto::Pool>(connection, proto::Resize{request.workers},
                              count_of(request.workers, "worker") + " from now on");
    case Kind::kDrain:
      return ask<proto::Pool>(connection, proto::DrainPool(),
                              "no more work is handed out; d goes on");
    case Kind::kResume:
      return ask<proto::Pool>(connection, proto::ResumePool(), "work goes on");
    case Kind::kLook:
    case Kind::kQuit:
      break;
  }
  return std::string();
}

class Top {
 public:
  Top(Connection connection, TopScreen screen)
      : path_(connection.path()),
        connection_(std::move(connection)),
        screen_(std::move(screen)),
        model_(printable(path_)) {}

  void run() {
    int64_t next_look_ms = 0;
    while (interrupted_by() == 0) {
      const int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
      if (now_ms >= next_look_ms) {
        refresh(now_ms);
        next_look_ms = now_ms + kLookMs;
      }
      screen_.draw(model_.lines(screen_.width(), screen_.height(), screen_.unicode()));
      if (wait_on(STDIN_FILENO, POLLIN, kKeyMs) == Wake::kInterrupted) return;
      for (TopScreen::Input input = screen_.read(); input.any; input = screen_.read()) {
        if (input.resized) continue;
        const std::optional<TopRequest> request = model_.key(input.key, input.letter);
        if (!request) continue;
        if (request->kind == Kind::kQuit) return;
        act(*request);
        next_look_ms = 0;
      }
    }
  }

 private:
  void refresh(int64_t now_ms) {
    if (!connection_) {
      Result<Connection> opened = Connection::open(path_);
      if (!opened) return model_.lose(printable(opened.error().message));
      connection_.emplace(std::move(*opened));
    }
    Result<TopData> data = look(*connection_);
    if (data) return model_.update(std::move(*data), now_ms, clock_ms(CLOCK_REALTIME));
    model_.lose(printable(data.error().message));
    connection_.reset();
  }

  void act(const TopRequest& request) {
    if (!connection_) return;
    Result<std::string> done = carry_out(*connection_, request);
    if (done) return model_.tell(*done, false);
    model_.tell(printable(to_string(done.error())), true);
    if (done.error().code == ErrorCode::kDisconnected) connection_.reset();
  }

  std::string path_;
  std::optional<Connection> connection_;
  TopScreen screen_;
  TopModel model_;
};

}  // namespace

CtlExit run_top(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<TopScreen> screen = TopScreen::open(wants_colours(STDOUT_FILENO));
  if (!screen) {
    report_error(options, reporter, "", screen.error());
    return CtlExit::kUsage;
  }
  Top(std::move(*connection), std::move(*screen)).run();
  return CtlExit::kOk;
}

}  // namespace pdf2md::ctl
