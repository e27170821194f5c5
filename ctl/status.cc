#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "ctl/colour.h"
#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/follow.h"
#include "ctl/job_filter.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr int kRefreshMs = 1000;
constexpr const char* kClearScreen = "\x1b[H\x1b[2J\x1b[3J";

int64_t unix_ms_now() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_REALTIME, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

std::string span(int64_t from_ms, int64_t to_ms) {
  return format_duration_ms(static_cast<uint64_t>(std::max<int64_t>(0, to_ms - from_ms)));
}

std::string pages_of(const proto::JobInfo& job) {
  if (job.pages_total == 0) return "-";
  return std::to_string(job.pages_done) + "/" + std::to_string(job.pages_total);
}

std::string time_left_of(const proto::JobInfo& job) {
  return job.eta_ms == 0 ? "-" : format_duration_ms(job.eta_ms);
}

// How long it ran, or has been running, or waiting.
std::string time_of(const proto::JobInfo& job, int64_t now) {
  if (job.finished_unix_ms > 0) {
    return span(job.started_unix_ms > 0 ? job.started_unix_ms : job.submitted_unix_ms,
                job.finished_unix_ms);
  }
  return span(job.started_unix_ms > 0 ? job.started_unix_ms : job.submitted_unix_ms, now);
}

std::string remark_on(const proto::JobInfo& job) {
  if (!job.error.empty()) return printable(job.error);
  size_t troubled = job.pages_failed.size() + job.pages_degraded.size();
  if (troubled > 0) return count_of(troubled, "page") + " failed or degraded";
  if (job.state == proto::JobState::kQueued && !job.held)
    return std::to_string(job.position) + " ahead";
  return "";
}

std::string list_of(const std::vector<proto::JobInfo>& jobs) {
  if (jobs.empty()) return "no jobs\n";
  int64_t now = unix_ms_now();
  // Whose they are is worth a column only where they are of several.
  bool owners = std::any_of(jobs.begin(), jobs.end(),
                            [&](const proto::JobInfo& job) { return job.uid != jobs[0].uid; });
  std::vector<std::vector<std::string>> rows = {
      {"JOB", "STATE", "PRIO", "PAGES", "SIZE", "TIME", "LEFT", "NAME", ""}};
  if (owners) rows[0].insert(rows[0].begin() + 1, "OWNER");
  for (const proto::JobInfo& job : jobs) {
    rows.push_back({std::to_string(job.id), state_text(job.state, job.held),
                    std::to_string(job.priority), pages_of(job), format_bytes(job.document_bytes),
                    time_of(job, now), time_left_of(job), cut_to_width(printable(job.name), 40),
                    cut_to_width(remark_on(job), 60)});
    if (owners) rows.back().insert(rows.back().begin() + 1, printable(user_name(job.uid)));
  }
  std::vector<bool> right = {true, false, true, true, true, true, true};
  if (owners) right.insert(right.begin() + 1, false);
  if (!wants_colours(STDOUT_FILENO)) return format_table(rows, right);
  std::vector<Colour> colours;
  for (const proto::JobInfo& job : jobs) colours.push_back(colour_of(job));
  return paint_rows(format_table(rows, right), colours);
}

std::string details_of(const proto::JobInfo& job) {
  std::vector<std::vector<std::string>> rows = {
      {"job", std::to_string(job.id)},
      {"name", printable(job.name)},
      {"owner", printable(user_name(job.uid)) + " (uid " + std::to_string(job.uid) + ")"},
      {"state", state_text(job.state, job.held)},
      {"priority", std::to_string(job.priority)},
      {"size", format_bytes(job.document_bytes)},
      {"pages", pages_of(job)},
      {"submitted", format_time(job.submitted_unix_ms)},
      {"started", format_time(job.started_unix_ms)},
      {"finished", format_time(job.finished_unix_ms)},
  };
  if (job.state == proto::JobState::kQueued && !job.held) {
    rows.push_back({"ahead of it", count_of(job.position, "job")});
  } else if (job.started_unix_ms > 0) {
    rows.push_back({"time", time_of(job, unix_ms_now())});
  }
  if (job.eta_ms > 0) rows.push_back({"time left", "about " + time_left_of(job)});
  if (job.attempts > 0) rows.push_back({"retries", count_of(job.attempts, "page")});
  if (!job.pages_failed.empty()) rows.push_back({"failed", format_pages(job.pages_failed)});
  if (!job.pages_degraded.empty()) rows.push_back({"degraded", format_pages(job.pages_degraded)});
  if (!job.error.empty()) {
    rows.push_back({"error", printable(job.error)});
    rows.push_back({"code", name(static_cast<ErrorCode>(job.error_code))});
  }
  if (!job.hint.empty()) rows.push_back({"hint", printable(job.hint)});
  std::string heading = "outputs";
  for (const proto::OutputInfo& output : job.outputs) {
    rows.push_back({heading, printable(output.name) + " (" + format_bytes(output.size) + ")"});
    heading.clear();
  }
  return format_table(rows, {});
}

Result<std::string> one_job(Connection& connection, const Options& options) {
  Result<proto::JobInfo> job = job_info(connection, *options.job);
  if (!job) return job.error();
  if (!options.json) return details_of(*job);
  JsonWriter json;
  write_json(json, *job);
  return json.text() + "\n";
}

Result<std::string> all_jobs(Connection& connection, const Options& options,
                             const JobFilter& filter, Reporter& reporter) {
  Result<proto::Jobs> jobs = connection.request<proto::Jobs>(proto::StatusRequest());
  if (!jobs) return jobs.error();
  if (jobs->omitted > 0) reporter.note(count_of(jobs->omitted, "older job") + " left out");
  std::erase_if(jobs->jobs, [&](const proto::JobInfo& job) { return !matches(filter, job); });
  if (!options.json) return list_of(jobs->jobs);
  JsonWriter json;
  json.begin_object().key("jobs").begin_array();
  for (const proto::JobInfo& job : jobs->jobs) write_json(json, job);
  json.end_array().field("omitted", jobs->omitted).end_object();
  return json.text() + "\n";
}

}  // namespace

CtlExit run_status(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<JobFilter> filter = filter_of(options);
  if (!filter) {
    report_error(options, reporter, "", filter.error());
    return CtlExit::kUsage;
  }
  for (;;) {
    Result<std::string> text = options.job ? one_job(*connection, options)
                                           : all_jobs(*connection, options, *filter, reporter);
    std::string label = options.job ? "job " + std::to_string(*options.job) : "";
    if (!text) return report_error(options, reporter, label, text.error());
    bool terminal = ::isatty(STDOUT_FILENO) != 0;
    if (options.refresh && terminal && !options.json) *text = kClearScreen + *text;
    Status printed = write_standard_output(*text);
    if (!printed) return report_error(options, reporter, "", printed.error());
    if (!options.refresh) return CtlExit::kOk;
    watch_standard_output();
    if (wait_on(-1, 0, kRefreshMs) == Wake::kInterrupted) return CtlExit::kOk;
  }
}

}  // namespace pdf2md::ctl
