#include <algorithm>

#include "ctl/each_job.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/follow.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"

namespace pdf2md::ctl {
namespace {

Result<proto::JobInfo> wait_for(Connection& connection, Reporter& reporter, size_t number,
                                uint64_t job) {
  std::string label = label_of_job(job);
  FollowHandlers handlers;
  handlers.on_event = [&](const proto::Event& event) {
    std::string note = event.pages_total == 0 ? state_text(event.state, event.held) : "";
    reporter.update(number, label, event.pages_done, event.pages_total, note);
  };
  handlers.on_silence = [&] {
    reporter.note(label + ": the daemon has not answered for a minute; still waiting");
  };
  Status ended = connection.send(proto::Watch{job});
  if (ended) ended = follow_job(connection, job, false, handlers);
  if (!ended) return ended.error();
  return job_info(connection, job);
}

// As with several documents: the daemon lost, then a failure, then a part.
CtlExit worse(CtlExit a, CtlExit b) {
  auto rank = [](CtlExit exit) {
    return exit == CtlExit::kNoDaemon ? 3
           : exit == CtlExit::kFailed ? 2
                                      : static_cast<int>(exit != CtlExit::kOk);
  };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace

CtlExit run_wait(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  reporter.begin(options.several_jobs.size());
  CtlExit exit = CtlExit::kOk;
  for (size_t i = 0; i < options.several_jobs.size(); ++i) {
    uint64_t job = options.several_jobs[i];
    std::string label = label_of_job(job);
    Result<proto::JobInfo> info = wait_for(*connection, reporter, i, job);
    reporter.finish(i);
    if (!info) {
      exit = worse(exit, report_error(options, reporter, label, info.error()));
      if (exit == CtlExit::kNoDaemon || interrupted_by() != 0) return exit;
      continue;
    }
    exit = worse(exit, exit_of(*info));
    if (exit_of(*info) == CtlExit::kFailed) reporter.message(explain(label, failure_of(*info), 0));
    for (const std::string& line : page_troubles(*info)) reporter.message(label + ": " + line);
    if (!options.json) continue;
    JsonWriter json;
    write_json(json, *info);
    Status printed = reporter.output(json.text());
    if (!printed) return report_error(options, reporter, "", printed.error());
  }
  return exit;
}

}  // namespace pdf2md::ctl
