// cancel and rm: the end of jobs.
#include "ctl/each_job.h"
#include "ctl/find_daemon.h"
#include "ctl/job_filter.h"
#include "ctl/json.h"
#include "proto/spool_messages.h"

namespace pdf2md::ctl {
namespace {

template <class Request>
Status ask(Connection& connection, const Request& request) {
  Result<proto::Done> done = connection.request<proto::Done>(request);
  return done ? Status(Ok{}) : Status(done.error());
}

std::string json_of(uint64_t job, const char* state) {
  return JsonWriter().begin_object().field("job", job).field("state", state).end_object().text();
}

CtlExit run(const Options& options, Reporter& reporter, unsigned possible,
            const JobRequest& request) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<std::vector<uint64_t>> jobs = choose_jobs(*connection, options, possible);
  if (!jobs) return report_error(options, reporter, "", jobs.error());
  if (jobs->empty()) reporter.note("there are no such jobs");
  return for_each_job(options, reporter, *connection, *jobs, request);
}

}  // namespace

CtlExit run_cancel(const Options& options, Reporter& reporter) {
  return run(options, reporter, kUnfinishedJobs, [&](Connection& connection, uint64_t job) {
    Status done = ask(connection, proto::Cancel{job});
    if (done && options.purge) done = ask(connection, proto::Remove{job});
    if (!done) return done;
    return tell_done(options, reporter, json_of(job, "cancelled"),
                     label_of_job(job) + " is cancelled");
  });
}

CtlExit run_remove(const Options& options, Reporter& reporter) {
  return run(options, reporter, kFinishedJobs, [&](Connection& connection, uint64_t job) {
    Status done = ask(connection, proto::Remove{job});
    if (!done) return done;
    return tell_done(options, reporter, json_of(job, "removed"), label_of_job(job) + " is removed");
  });
}

}  // namespace pdf2md::ctl
