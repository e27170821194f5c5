#include "daemon/http/replies.h"

#include "ctl/job_results.h"
#include "ctl/json.h"

namespace pdf2md::http {
namespace {

constexpr int kRetrySeconds = 5;

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDocumentTooLarge:
      return 413;
    case ErrorCode::kBadOptions:
    case ErrorCode::kBadMessage:
      return 400;
    case ErrorCode::kTimedOut:
    case ErrorCode::kJobTimedOut:
      return 504;
    default:
      return is_document_fault(code) ? 422 : 503;
  }
}

}  // namespace

Reply converted(const std::string& markdown, const proto::JobInfo& job) {
  ctl::JsonWriter json;
  json.begin_object().field("success", true).field("markdown", markdown);
  json.field("pages_processed", job.pages_total).key("error");
  std::string troubles;
  for (const std::string& line : ctl::page_troubles(job))
    troubles += (troubles.empty() ? "" : "; ") + line;
  if (troubles.empty())
    json.null();
  else
    json.value(troubles);
  return {200, json.end_object().text(), 0};
}

Reply failed(const Error& error) {
  ctl::JsonWriter json;
  json.begin_object().field("success", false).field("markdown", "");
  json.field("pages_processed", 0).field("error", to_string(error));
  const int status = status_of(error.code);
  return {status, json.end_object().text(), status == 503 ? kRetrySeconds : 0};
}

Reply health(const proto::HealthReport& report) {
  ctl::JsonWriter json;
  json.begin_object().field("status", report.status).field("model_loaded", report.model_loaded);
  json.field("gpu_available", report.gpu_available).field("pool_size", report.pool_size);
  json.field("detail", report.detail);
  return {report.ready ? 200 : 503, json.end_object().text(), report.ready ? 0 : kRetrySeconds};
}

Reply unhealthy(const Error& error) {
  ctl::JsonWriter json;
  json.begin_object().field("status", "unreachable").field("model_loaded", false);
  json.field("gpu_available", false).field("pool_size", 0).field("detail", to_string(error));
  return {503, json.end_object().text(), kRetrySeconds};
}

}  // namespace pdf2md::http
