#include "ctl/each_job.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_filter.h"
#include "ctl/json.h"
#include "ctl/text.h"
#include "proto/spool_messages.h"

namespace pdf2md::ctl {
namespace {

// The number of the new job.
Result<uint64_t> ask(Connection& connection, const proto::Retry& request) {
  Status sent = connection.send(request);
  if (!sent) return sent.error();
  for (;;) {
    Result<proto::Message> message = connection.receive(kAnswerMs);
    if (!message) return message.error();
    if (message->type == proto::kError) return error_of(*message);
    if (message->type == proto::kBusy) {
      Result<proto::Busy> busy = proto::body_of<proto::Busy>(*message);
      std::string why = busy && !busy->reason.empty() ? ": " + printable(busy->reason) : "";
      return Error{ErrorCode::kBusy, "the daemon is busy" + why, "try later"};
    }
    if (message->type != proto::kAccepted) continue;
    Result<proto::Accepted> accepted = proto::body_of<proto::Accepted>(*message);
    if (!accepted) return accepted.error();
    return accepted->job;
  }
}

}  // namespace

CtlExit run_retry(const Options& options, Reporter& reporter) {
  Result<std::vector<std::string>> passwords = read_passwords(options.password_file);
  if (!passwords) return report_error(options, reporter, "", passwords.error());
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<std::vector<uint64_t>> jobs =
      choose_jobs(*connection, options, job_state_bit(proto::JobState::kFailed));
  if (!jobs) return report_error(options, reporter, "", jobs.error());
  if (jobs->empty()) reporter.note("there are no such jobs");
  return for_each_job(
      options, reporter, *connection, *jobs, [&](Connection& daemon, uint64_t job) -> Status {
        Result<uint64_t> again = ask(daemon, proto::Retry{job, *passwords});
        if (!again) return again.error();
        JsonWriter json;
        json.begin_object().field("job", *again).field("retry_of", job).end_object();
        if (options.json) return write_standard_output(json.text() + "\n");
        reporter.note(label_of_job(job) + " is tried again as job " + std::to_string(*again));
        return write_standard_output(std::to_string(*again) + "\n");
      });
}

}  // namespace pdf2md::ctl
