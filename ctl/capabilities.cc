#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/json.h"
#include "ctl/text.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

std::string duration(int64_t ms) {
  return format_duration_ms(static_cast<uint64_t>(std::max<int64_t>(ms, 0)));
}

std::string text_of(const proto::Welcome& welcome, const proto::CapabilityList& list) {
  std::string jobs = std::to_string(list.max_jobs) + " unfinished ones";
  if (list.max_jobs_per_owner > 0)
    jobs += ", " + std::to_string(list.max_jobs_per_owner) + " of a user";
  return format_table(
      {
          {"daemon", printable(welcome.server) + " (build " + printable(welcome.build_id) +
                         ", protocol " + std::to_string(welcome.version) + ")"},
          {"documents", joined(list.inputs)},
          {"outputs", joined(list.outputs)},
          {"ocr", joined(list.ocr)},
          {"layout", joined(list.layout)},
          {"blank pages", joined(list.blank_pages)},
          {"device", printable(list.device) + ", " + count_of(list.workers, "worker") + " of " +
                         count_of(list.readers, "reader")},
          {"document", "at most " + format_bytes(list.max_document_bytes) + " and " +
                           count_of(list.max_pages, "page") + ", " + duration(list.job_timeout_ms) +
                           ", " + duration(list.page_timeout_ms) + " a page"},
          {"jobs", jobs},
          {"kept", "results for " + duration(list.retention_ms) +
                       (list.cache ? "; the same question is answered once" : "")},
          {"rights", list.admin ? "the jobs of all users" : "your own jobs"},
          {"log", list.log.empty() ? "a terminal or a pipe" : printable(list.log)},
      },
      {});
}

void write_words(JsonWriter& json, const char* name, const std::vector<std::string>& words) {
  json.key(name).begin_array();
  for (const std::string& word : words) json.value(word);
  json.end_array();
}

std::string json_of(const proto::Welcome& welcome, const proto::CapabilityList& list) {
  JsonWriter json;
  json.begin_object()
      .field("server", welcome.server)
      .field("build", welcome.build_id)
      .field("protocol", welcome.version);
  write_words(json, "inputs", list.inputs);
  write_words(json, "outputs", list.outputs);
  write_words(json, "ocr", list.ocr);
  write_words(json, "layout", list.layout);
  write_words(json, "blank_pages", list.blank_pages);
  json.field("device", list.device)
      .field("workers", list.workers)
      .field("readers", list.readers)
      .field("max_document_bytes", list.max_document_bytes)
      .field("max_pages", list.max_pages)
      .field("page_timeout_ms", list.page_timeout_ms)
      .field("job_timeout_ms", list.job_timeout_ms)
      .field("max_jobs", list.max_jobs)
      .field("max_jobs_per_owner", list.max_jobs_per_owner)
      .field("retention_ms", list.retention_ms)
      .field("cache", list.cache)
      .field("admin", list.admin)
      .field("log", list.log);
  return json.end_object().text() + "\n";
}

}  // namespace

CtlExit run_capabilities(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::CapabilityList> list =
      connection->request<proto::CapabilityList>(proto::CapabilitiesRequest());
  if (!list) return report_error(options, reporter, "", list.error());
  const proto::Welcome& welcome = connection->welcome();
  Status printed =
      write_standard_output(options.json ? json_of(welcome, *list) : text_of(welcome, *list));
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace pdf2md::ctl
