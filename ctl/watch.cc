#include "ctl/commands.h"
#include "ctl/find_daemon.h"
#include "ctl/follow.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

std::string line_of(const proto::Event& event) {
  std::string pages;
  if (event.pages_total > 0) {
    pages = " (" + std::to_string(event.pages_done) + "/" + std::to_string(event.pages_total) + ")";
  }
  switch (event.kind) {
    case proto::EventKind::kPage: {
      std::string note = event.text.empty() ? "" : ": " + printable(event.text);
      return "page " + std::to_string(event.page) + " " + page_status_name(event.page_status) +
             ", " + format_duration_ms(event.page_ms) + pages + note;
    }
    case proto::EventKind::kLog:
      return printable(event.text);
    default:
      return state_text(event.state, event.held) + pages;
  }
}

}  // namespace

CtlExit run_watch(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  watch_standard_output();
  std::string label = "job " + std::to_string(*options.job);
  Status output = Ok{};
  FollowHandlers handlers;
  handlers.on_event = [&](const proto::Event& event) {
    std::string line = line_of(event);
    if (options.json) {
      JsonWriter json;
      write_json(json, event);
      line = json.text();
    }
    reporter.update(0, label, event.pages_done, event.pages_total, "");
    if (output) output = reporter.output(line);
  };
  Status ended = connection->send(proto::Watch{*options.job});
  if (ended) ended = follow_job(*connection, *options.job, false, handlers);
  reporter.clear();
  if (ended && !output) ended = output;
  if (!ended) return report_error(options, reporter, label, ended.error());
  Result<proto::JobInfo> info = job_info(*connection, *options.job);
  if (!info) return report_error(options, reporter, label, info.error());
  CtlExit exit = exit_of(*info);
  if (exit == CtlExit::kFailed) reporter.message(explain(label, failure_of(*info), 0));
  for (const std::string& line : page_troubles(*info)) reporter.message(label + ": " + line);
  return exit;
}

}  // namespace pdf2md::ctl
