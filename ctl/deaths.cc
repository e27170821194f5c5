#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_json.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

std::string table_of(const proto::DeathList& list) {
  if (list.deaths.empty()) return "no worker has died\n";
  std::vector<std::vector<std::string>> rows = {
      {"TIME", "WORKER", "PID", "DEVICE", "WHILE", "JOB", "PAGE", "EXIT", ""}};
  for (const proto::Death& death : list.deaths) {
    rows.push_back({format_time(death.unix_ms), std::to_string(death.slot),
                    std::to_string(death.pid), death.device.empty() ? "-" : printable(death.device),
                    printable(death.stage), death.job > 0 ? std::to_string(death.job) : "-",
                    death.page > 0 ? std::to_string(death.page) : "-", printable(death.exit_text),
                    printable(death.reason)});
  }
  std::string text = format_table(rows, {false, true, true, false, false, true, true});
  uint64_t earlier = list.total - list.deaths.size();
  if (earlier > 0) text += "and " + std::to_string(earlier) + " before them\n";
  return text;
}

}  // namespace

CtlExit run_deaths(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::DeathList> list = connection->request<proto::DeathList>(proto::DeathsRequest());
  if (!list) return report_error(options, reporter, "", list.error());
  std::string text;
  if (options.json) {
    JsonWriter json;
    json.begin_object().field("total", list->total).key("deaths").begin_array();
    for (const proto::Death& death : list->deaths) write_json(json, death);
    text = json.end_array().end_object().text() + "\n";
  } else {
    text = table_of(*list);
  }
  Status printed = write_standard_output(text);
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace pdf2md::ctl
