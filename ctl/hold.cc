// hold, release and priority: when a job is worked on.
#include "ctl/each_job.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/json.h"

namespace pdf2md::ctl {
namespace {

CtlExit print_json(const Options& options, Reporter& reporter, const JsonWriter& json) {
  Status printed = write_standard_output(json.text() + "\n");
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace

CtlExit run_hold(const Options& options, Reporter& reporter) {
  bool hold = options.command == Command::kHold;
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  return for_each_job(options, reporter, *connection, options.several_jobs,
                      [&](Connection& daemon, uint64_t job) -> Status {
                        Result<proto::Done> done =
                            hold ? daemon.request<proto::Done>(proto::Hold{job})
                                 : daemon.request<proto::Done>(proto::Release{job});
                        if (!done) return done.error();
                        JsonWriter json;
                        json.begin_object().field("job", job).field("held", hold).end_object();
                        return tell_done(options, reporter, json.text(),
                                         label_of_job(job) + (hold ? " is held" : " is released"));
                      });
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
