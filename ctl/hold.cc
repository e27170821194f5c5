// hold, release and priority: when a job is worked on.
#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/json.h"

namespace pdf2md::ctl {
namespace {

std::string label_of_job(uint64_t job) {
  return "job " + std::to_string(job);
}

CtlExit print_json(const Options& options, Reporter& reporter, const JsonWriter& json) {
  Status printed = write_standard_output(json.text() + "\n");
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace

// Every job is tried; the first failure decides the exit code.
CtlExit run_hold(const Options& options, Reporter& reporter) {
  bool hold = options.command == Command::kHold;
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  CtlExit exit = CtlExit::kOk;
  for (uint64_t job : options.several_jobs) {
    Result<proto::Done> done = hold ? connection->request<proto::Done>(proto::Hold{job})
                                    : connection->request<proto::Done>(proto::Release{job});
    CtlExit one = CtlExit::kOk;
    if (!done) {
      one = report_error(options, reporter, label_of_job(job), done.error());
    } else if (options.json) {
      JsonWriter json;
      json.begin_object().field("job", job).field("held", hold).end_object();
      one = print_json(options, reporter, json);
    } else {
      reporter.note(label_of_job(job) + (hold ? " is held" : " is released"));
    }
    if (exit == CtlExit::kOk) exit = one;
  }
  return exit;
}

CtlExit run_priority(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::Done> done =
      connection->request<proto::Done>(proto::SetPriority{*options.job, options.priority});
  if (!done) return report_error(options, reporter, label_of_job(*options.job), done.error());
  if (options.json) {
    JsonWriter json;
    json.begin_object().field("job", *options.job).field("priority", options.priority).end_object();
    return print_json(options, reporter, json);
  }
  reporter.note(label_of_job(*options.job) + " has priority " + std::to_string(options.priority));
  return CtlExit::kOk;
}

}  // namespace pdf2md::ctl
