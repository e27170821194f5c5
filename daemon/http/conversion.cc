#include "daemon/http/conversion.h"

#include <fcntl.h>

#include <cstdlib>

#include "ctl/follow.h"
#include "ctl/job_results.h"
#include "ctl/upload.h"

namespace pdf2md::http {
namespace {

constexpr size_t kMostMarkdownBytes = 512 << 20;
constexpr uint32_t kBusyWaitMs = 30'000;

// The job is the connection's: where this ends early, the daemon ends it.
Result<Reply> run(const std::string& socket_path, const Upload& upload,
                  const proto::JobOptions& options) {
  Result<ctl::Connection> connection = ctl::Connection::open(socket_path);
  if (!connection) return connection.error();
  Result<ctl::Document> document =
      ctl::Document::open(upload.path(), connection->welcome().max_document_bytes);
  if (!document) return document.error();
  ctl::UploadRequest request;
  request.socket_path = socket_path;
  request.document = &*document;
  request.options = options;
  request.attached = true;
  request.wait_ms = kBusyWaitMs;
  Result<ctl::Submitted> submitted =
      ctl::submit_document(std::move(*connection), request, [](const proto::Busy&, uint32_t) {});
  if (!submitted) return submitted.error();
  const uint64_t job = submitted->accepted.job;
  ctl::FollowHandlers handlers;
  handlers.on_event = [](const proto::Event&) {};
  handlers.on_health = [](const proto::HealthReport&) {};
  handlers.on_silence = [] {};
  Status ended = ctl::follow_job(submitted->connection, job, false, handlers);
  if (!ended) return ended.error();
  Result<proto::JobInfo> info = ctl::job_info(submitted->connection, job);
  if (!info) return info.error();
  if (ctl::exit_of(*info) == CtlExit::kFailed) return ctl::failure_of(*info);
  std::string markdown;
  Status fetched = ctl::fetch_output(
      submitted->connection, job, "md", [&markdown](std::string_view bytes) -> Status {
        if (markdown.size() + bytes.size() > kMostMarkdownBytes) {
          return Error{ErrorCode::kPageTooLarge, "the result is too large for one answer",
                       "convert a range of pages"};
        }
        markdown += bytes;
        return Ok{};
      });
  if (!fetched) return fetched.error();
  return converted(markdown, *info);
}

}  // namespace

Result<Upload> Upload::create() {
  const char* folder = std::getenv("TMPDIR");
  Fd fd(::open(folder == nullptr || *folder == '\0' ? "/tmp" : folder,
               O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.valid()) return io_error("a temporary file for the document");
  return Upload(std::move(fd));
}

Status Upload::add(std::string_view bytes, uint64_t most_bytes) {
  if (bytes.size() > most_bytes - size_) {
    return Error{ErrorCode::kDocumentTooLarge,
                 "the document is larger than " + std::to_string(most_bytes >> 20) + " MiB",
                 "raise --max-mib"};
  }
  size_ += bytes.size();
  return write_all(fd_.get(), bytes);
}

std::string Upload::path() const {
  return "/proc/self/fd/" + std::to_string(fd_.get());
}

Reply convert(const std::string& socket_path, const Upload& upload,
              const proto::JobOptions& options) {
  Result<Reply> reply = run(socket_path, upload, options);
  return reply ? *reply : failed(reply.error());
}

Reply ask_health(const std::string& socket_path) {
  Result<ctl::Connection> connection = ctl::Connection::open(socket_path);
  if (!connection) return unhealthy(connection.error());
  Result<proto::HealthReport> report =
      connection->request<proto::HealthReport>(proto::HealthRequest{});
  return report ? health(*report) : unhealthy(report.error());
}

Result<std::string> ask_metrics(const std::string& socket_path) {
  Result<ctl::Connection> connection = ctl::Connection::open(socket_path);
  if (!connection) return connection.error();
  Result<proto::MetricsText> metrics =
      connection->request<proto::MetricsText>(proto::MetricsRequest{});
  if (!metrics) return metrics.error();
  return metrics->text;
}

}  // namespace pdf2md::http
