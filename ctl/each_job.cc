#include "ctl/each_job.h"

#include "ctl/file_output.h"

namespace pdf2md::ctl {

std::string label_of_job(uint64_t job) {
  return "job " + std::to_string(job);
}

CtlExit for_each_job(const Options& options, Reporter& reporter, Connection& connection,
                     const std::vector<uint64_t>& jobs, const JobRequest& request) {
  CtlExit exit = CtlExit::kOk;
  for (uint64_t job : jobs) {
    Status status = request(connection, job);
    if (status) continue;
    CtlExit one = report_error(options, reporter, label_of_job(job), status.error());
    if (exit == CtlExit::kOk) exit = one;
    if (one == CtlExit::kNoDaemon) return one;
  }
  return exit;
}

Status tell_done(const Options& options, Reporter& reporter, const std::string& json,
                 const std::string& text) {
  if (options.json) return write_standard_output(json + "\n");
  reporter.note(text);
  return Ok{};
}

}  // namespace pdf2md::ctl
