#include "ctl/explain.h"

#include <cstdio>

#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/follow.h"
#include "ctl/json.h"
#include "ctl/text.h"
#include "proto/spool_messages.h"

namespace pdf2md::ctl {
namespace {

using Rows = std::vector<std::vector<std::string>>;

const char* effort_name(uint8_t effort) {
  static constexpr const char* kNames[] = {"in full",
                                           "the text layer only, after deaths of workers",
                                           "a placeholder only, after deaths of workers"};
  return effort < std::size(kNames) ? kNames[effort] : "unknown";
}

std::string two_decimals(float value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f", static_cast<double>(value));
  return buffer;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text.empty() ? "none" : text;
}

void add_deaths(Rows& rows, const proto::Explanation& page) {
  for (size_t i = 0; i < page.deaths.size(); ++i) {
    rows.push_back(
        {i == 0 ? "deaths before" : "", std::to_string(i + 1) + ": " + printable(page.deaths[i])});
  }
}

std::string text_of(const proto::Explanation& page) {
  const proto::PageRoute& route = page.route;
  std::string blocks = count_of(route.blocks, "block");
  if (route.ocr_blocks > 0) {
    blocks += ", " + std::to_string(route.ocr_blocks) + " by OCR, confidence " +
              two_decimals(route.mean_confidence) + ", least " +
              two_decimals(route.least_confidence);
  }
  Rows rows = {
      {"page", std::to_string(page.page) + " of job " + std::to_string(page.job)},
      {"state", page_status_name(page.status)},
      {"text layer", route.text_layer.empty() ? "-" : printable(route.text_layer)},
  };
  for (const std::string& reason : route.reasons)
    rows.push_back({rows.size() == 3 ? "because" : "", printable(reason)});
  rows.push_back({"done", effort_name(page.effort)});
  rows.push_back({"models", joined(route.models)});
  rows.push_back({"text", blocks});
  if (!page.note.empty()) rows.push_back({"note", printable(page.note)});
  rows.push_back({"worker", std::to_string(page.slot) + " (pid " + std::to_string(page.pid) + ", " +
                                printable(page.device) + ")"});
  rows.push_back(
      {"time", format_duration_ms(page.wall_ms) + ", until " + format_time(page.finished_unix_ms)});
  add_deaths(rows, page);
  return format_table(rows, {});
}

void write_words(JsonWriter& json, const char* name, const std::vector<std::string>& words) {
  json.key(name).begin_array();
  for (const std::string& word : words) json.value(word);
  json.end_array();
}

Error not_known(const proto::Explanation& page) {
  std::string text = "nothing is known of page " + std::to_string(page.page);
  if (!page.deaths.empty())
    text += "; " + count_of(page.deaths.size(), "worker") + " died meanwhile";
  return Error{ErrorCode::kNotFinished, text,
               "it is not done yet, or was done before the daemon was started"};
}

}  // namespace

std::string json_of(const proto::Explanation& page) {
  JsonWriter json;
  json.begin_object()
      .field("job", page.job)
      .field("page", page.page)
      .field("known", page.known)
      .field("slot", page.slot)
      .field("pid", page.pid)
      .field("device", page.device)
      .field("wall_ms", page.wall_ms)
      .field("finished_unix_ms", page.finished_unix_ms)
      .field("status", page_status_name(page.status))
      .field("effort", static_cast<unsigned>(page.effort))
      .field("note", page.note);
  write_words(json, "deaths", page.deaths);
  json.key("route").begin_object().field("text_layer", page.route.text_layer);
  write_words(json, "reasons", page.route.reasons);
  write_words(json, "models", page.route.models);
  json.field("blocks", page.route.blocks)
      .field("ocr_blocks", page.route.ocr_blocks)
      .field("least_confidence", page.route.least_confidence)
      .field("mean_confidence", page.route.mean_confidence)
      .end_object();
  return json.end_object().text() + "\n";
}

CtlExit run_explain(const Options& options, Reporter& reporter) {
  std::string label = "job " + std::to_string(*options.job);
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::Explanation> page =
      connection->request<proto::Explanation>(proto::Explain{*options.job, options.page});
  if (page && !page->known) page = not_known(*page);
  if (!page) return report_error(options, reporter, label, page.error());
  Status printed = write_standard_output(options.json ? json_of(*page) : text_of(*page));
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace pdf2md::ctl
