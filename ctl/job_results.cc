#include "ctl/job_results.h"

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

std::string hint_for(const Error& error, size_t passwords) {
  switch (error.code) {
    case ErrorCode::kNeedsPassword:
    case ErrorCode::kWrongPassword:
      if (passwords == 0) return "give it with --password-file";
      return "the password file holds " + count_of(passwords, "password") + ", one a line";
    case ErrorCode::kJobTimedOut:
      return "give it longer with --timeout";
    case ErrorCode::kTooManyPages:
      return "choose some with --pages or --max-pages";
    case ErrorCode::kNoPages:
      return "check --pages";
    default:
      return "";
  }
}

}  // namespace

Status fetch_output(Connection& connection, uint64_t job, const std::string& output,
                    const ByteSink& sink) {
  Result<proto::ResultHeader> header =
      connection.request<proto::ResultHeader>(proto::Fetch{job, output});
  if (!header) return header.error();
  uint64_t received = 0;
  for (;;) {
    Result<proto::Message> message = connection.receive(kAnswerMs);
    if (!message) return message.error();
    if (message->type == proto::kEvent) continue;
    if (message->type == proto::kError) return error_of(*message);
    if (message->type == proto::kDataEnd) break;
    if (message->type != proto::kData) {
      return Error{ErrorCode::kUnexpected,
                   "message " + std::to_string(message->type) + " came within the output " + output,
                   ""};
    }
    Result<proto::Data> data = proto::body_of<proto::Data>(*message);
    if (!data) return data.error();
    received += data->bytes.data.size();
    Status taken = sink(data->bytes.data);
    if (!taken) return taken;
  }
  if (received == header->size) return Ok{};
  return Error{ErrorCode::kUnexpected,
               "output " + output + " is incomplete: " + std::to_string(received) + " of " +
                   std::to_string(header->size) + " bytes came",
               "try again"};
}

bool is_asset(const std::string& output) {
  constexpr std::string_view kPrefix = "assets/";
  if (!output.starts_with(kPrefix)) return false;
  std::string_view file = std::string_view(output).substr(kPrefix.size());
  if (file.empty() || file[0] == '.') return false;
  for (char c : file) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_' || c == '.';
    if (!plain) return false;
  }
  return true;
}

Result<proto::JobInfo> job_info(Connection& connection, uint64_t job) {
  proto::StatusRequest request;
  request.job = job;
  Result<proto::Jobs> jobs = connection.request<proto::Jobs>(request);
  if (!jobs) return jobs.error();
  if (jobs->jobs.size() != 1) {
    return Error{ErrorCode::kNoSuchJob, "there is no job " + std::to_string(job), ""};
  }
  return std::move(jobs->jobs[0]);
}

Error failure_of(const proto::JobInfo& job) {
  if (job.state == proto::JobState::kCancelled) {
    return Error{ErrorCode::kCancelled, job.error.empty() ? "was cancelled" : job.error, job.hint};
  }
  return Error{static_cast<ErrorCode>(job.error_code),
               job.error.empty() ? "failed without a reason" : job.error, job.hint};
}

CtlExit exit_of(const proto::JobInfo& job) {
  if (job.state == proto::JobState::kFailed || job.state == proto::JobState::kCancelled) {
    return CtlExit::kFailed;
  }
  bool whole = job.pages_failed.empty() && job.pages_degraded.empty();
  return whole ? CtlExit::kOk : CtlExit::kPartlyFailed;
}

CtlExit exit_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNoDaemon:
    case ErrorCode::kDisconnected:
    case ErrorCode::kStopping:
      return CtlExit::kNoDaemon;
    default:
      return CtlExit::kFailed;
  }
}

std::vector<std::string> page_troubles(const proto::JobInfo& job) {
  std::vector<std::string> lines;
  auto pages = [](const std::vector<uint32_t>& list) {
    return (list.size() == 1 ? "page " : "pages ") + format_pages(list);
  };
  if (!job.pages_failed.empty()) {
    bool one = job.pages_failed.size() == 1;
    lines.push_back(
        pages(job.pages_failed) + " failed; " +
        (one ? "a placeholder stands in its place" : "placeholders stand in their places"));
  }
  if (!job.pages_degraded.empty()) {
    bool one = job.pages_degraded.size() == 1;
    lines.push_back(pages(job.pages_degraded) + (one ? " is" : " are") +
                    " degraded: read from the text layer only");
  }
  return lines;
}

std::string explain(const std::string& label, const Error& error, size_t passwords) {
  std::string message = printable(error.message);
  // A private daemon's log has lines worth keeping apart; all else is one line.
  if (error.code == ErrorCode::kNoDaemon) message = error.message;
  if (error.code == ErrorCode::kNeedsPassword) message = "needs a password";
  if (error.code == ErrorCode::kWrongPassword) {
    message = passwords == 1 ? "the password does not fit" : "none of the passwords fits";
  }
  std::string hint = hint_for(error, passwords);
  if (hint.empty()) hint = printable(error.hint);
  if (!label.empty() && !message.starts_with(label + ":")) message = label + ": " + message;
  return hint.empty() ? message : message + " (" + hint + ")";
}

}  // namespace pdf2md::ctl
