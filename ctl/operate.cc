#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_json.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

Result<proto::Pool> ask(Connection& connection, const Options& options) {
  switch (options.command) {
    case Command::kResize:
      return connection.request<proto::Pool>(proto::Resize{options.workers});
    case Command::kDrain:
      return connection.request<proto::Pool>(proto::DrainPool());
    case Command::kResume:
      return connection.request<proto::Pool>(proto::ResumePool());
    default:
      return connection.request<proto::Pool>(proto::RestartWorker{options.slot});
  }
}

std::string line_of(const proto::Pool& pool) {
  std::string text = count_of(pool.workers, "worker") + " wanted, " + std::to_string(pool.ready) +
                     " ready, " + std::to_string(pool.leaving) + " leaving; " +
                     count_of(pool.tasks, "task") + " under way, " + count_of(pool.jobs, "job");
  return text + (pool.paused ? "; no work is handed out\n" : "\n");
}

const char* words_for(const std::string& effect) {
  if (effect == "now") return "in effect";
  if (effect == "workers") return "as workers are replaced, one by one";
  return "when the daemon is started again";
}

std::string text_of(const proto::Reloaded& reloaded) {
  if (reloaded.changes.empty()) return "nothing has changed\n";
  std::vector<std::vector<std::string>> rows = {{"SETTING", "BEFORE", "NOW", "EFFECT"}};
  for (const proto::SettingChange& change : reloaded.changes) {
    rows.push_back({printable(change.key), printable(change.before), printable(change.after),
                    words_for(change.effect)});
  }
  return format_table(rows, {});
}

}  // namespace

CtlExit run_operate(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::Pool> pool = ask(*connection, options);
  if (!pool) return report_error(options, reporter, "", pool.error());
  JsonWriter json;
  write_json(json, *pool);
  Status printed = write_standard_output(options.json ? json.text() + "\n" : line_of(*pool));
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

CtlExit run_reload(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::Reloaded> reloaded = connection->request<proto::Reloaded>(proto::Reload());
  if (!reloaded) return report_error(options, reporter, "", reloaded.error());
  bool refused = !reloaded->problems.empty();
  for (const proto::SettingProblem& problem : reloaded->problems)
    reporter.message(printable(problem.where) + ": " + printable(problem.what));
  if (refused) reporter.message("pdf2mdctl: nothing was changed");
  JsonWriter json;
  write_json(json, *reloaded);
  std::string text = options.json ? json.text() + "\n" : refused ? "" : text_of(*reloaded);
  Status printed = write_standard_output(text);
  if (!printed) return report_error(options, reporter, "", printed.error());
  return refused ? CtlExit::kFailed : CtlExit::kOk;
}

}  // namespace pdf2md::ctl
