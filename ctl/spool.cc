#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_json.h"
#include "ctl/text.h"
#include "proto/spool_messages.h"

namespace pdf2md::ctl {
namespace {

std::string text_of(const proto::SpoolReport& report) {
  std::vector<std::vector<std::string>> rows = {
      {"folder", printable(report.state_dir)},
      {"free", format_bytes(report.free_bytes) + " (documents are refused below " +
                   format_bytes(report.min_free_bytes) + ")"},
      {"unfinished", count_of(report.unfinished_jobs, "job") + ", documents of " +
                         format_bytes(report.unfinished_bytes)},
      {"finished", count_of(report.finished_jobs, "job") + ", " +
                       format_bytes(report.finished_bytes) + " on disk"},
      {"kept", "the last " + std::to_string(report.max_finished_jobs) + ", at most " +
                   format_bytes(report.max_finished_bytes) + ", for " +
                   format_duration_ms(static_cast<uint64_t>(report.max_age_ms))},
      {"journal", report.journal_problem.empty() ? "in order" : printable(report.journal_problem)},
  };
  std::string text = format_table(rows, {});
  if (report.jobs.empty()) return text;
  std::vector<std::vector<std::string>> jobs = {{"JOB", "STATE", "ON DISK", "NAME"}};
  for (const proto::SpooledJob& job : report.jobs) {
    jobs.push_back({std::to_string(job.id), proto::name(job.state), format_bytes(job.bytes),
                    printable(job.name)});
  }
  text += "\n" + format_table(jobs, {true, false, true});
  if (report.omitted > 0) text += "and " + std::to_string(report.omitted) + " more\n";
  return text;
}

std::string json_of(const proto::SpoolReport& report) {
  JsonWriter json;
  json.begin_object()
      .field("state_dir", report.state_dir)
      .field("free_bytes", report.free_bytes)
      .field("min_free_bytes", report.min_free_bytes)
      .field("unfinished_jobs", report.unfinished_jobs)
      .field("unfinished_bytes", report.unfinished_bytes)
      .field("finished_jobs", report.finished_jobs)
      .field("finished_bytes", report.finished_bytes)
      .field("max_finished_jobs", report.max_finished_jobs)
      .field("max_finished_bytes", report.max_finished_bytes)
      .field("max_age_ms", report.max_age_ms)
      .field("journal_problem", report.journal_problem)
      .field("omitted", report.omitted)
      .key("jobs")
      .begin_array();
  for (const proto::SpooledJob& job : report.jobs) {
    json.begin_object()
        .field("id", job.id)
        .field("name", job.name)
        .field("state", proto::name(job.state))
        .field("bytes", job.bytes)
        .field("finished_unix_ms", job.finished_unix_ms)
        .end_object();
  }
  return json.end_array().end_object().text() + "\n";
}

}  // namespace

CtlExit run_spool(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::SpoolReport> report =
      connection->request<proto::SpoolReport>(proto::SpoolRequest());
  if (!report) return report_error(options, reporter, "", report.error());
  Status printed = write_standard_output(options.json ? json_of(*report) : text_of(*report));
  if (!printed) return report_error(options, reporter, "", printed.error());
  return report->journal_problem.empty() ? CtlExit::kOk : CtlExit::kFailed;
}

}  // namespace pdf2md::ctl
