// What may keep documents from being converted, or slow: of the machine, and of the daemon where one
// answers.
#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/findings.h"
#include "ctl/json.h"
#include "ctl/machine_facts.h"
#include "ctl/text.h"
#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

void add(std::vector<Finding>& all, std::vector<Finding> more) {
  for (Finding& one : more) all.push_back(std::move(one));
}

void ask_daemon(Connection& connection, std::vector<Finding>& all) {
  all.push_back(finding_of_builds(build_id(), connection.welcome().build_id));
  Result<proto::HealthReport> health =
      connection.request<proto::HealthReport>(proto::HealthRequest());
  if (health)
    add(all, findings_of(*health));
  else
    all.push_back({Level::kBad, "health", printable(to_string(health.error())), ""});
  Result<proto::SpoolReport> spool = connection.request<proto::SpoolReport>(proto::SpoolRequest());
  if (spool) add(all, findings_of(*spool));
}

std::string text_of(const std::vector<Finding>& all) {
  std::string text;
  for (const Finding& one : all) {
    char line[64];
    std::snprintf(line, sizeof line, "%-5s %-8s ", name(one.level), one.about.c_str());
    text += line + one.says + "\n";
    if (!one.advice.empty()) text += std::string(15, ' ') + "-> " + one.advice + "\n";
  }
  return text;
}

std::string json_of(const std::vector<Finding>& all) {
  JsonWriter json;
  json.begin_object().key("findings").begin_array();
  for (const Finding& one : all) {
    json.begin_object().field("level", name(one.level)).field("about", one.about);
    json.field("says", one.says).field("advice", one.advice).end_object();
  }
  return json.end_array().end_object().text() + "\n";
}

}  // namespace

CtlExit run_doctor(const Options& options, Reporter& reporter) {
  std::vector<Finding> all = findings_of(machine_facts());
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (connection) {
    ask_daemon(*connection, all);
  } else {
    // With a named socket somebody counts on a daemon; else convert starts one.
    all.push_back({options.socket.empty() ? Level::kDoubtful : Level::kBad, "daemon",
                   printable(connection.error().message), connection.error().hint});
  }
  Status printed = write_standard_output(options.json ? json_of(all) : text_of(all));
  if (!printed) return report_error(options, reporter, "", printed.error());
  bool bad = false;
  for (const Finding& one : all) bad = bad || one.level == Level::kBad;
  return bad ? CtlExit::kFailed : CtlExit::kOk;
}

}  // namespace pdf2md::ctl
