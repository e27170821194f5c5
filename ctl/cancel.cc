#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/json.h"

namespace pdf2md::ctl {

CtlExit run_cancel(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::Done> done = connection->request<proto::Done>(proto::Cancel{*options.job});
  if (!done) {
    return report_error(options, reporter, "job " + std::to_string(*options.job), done.error());
  }
  if (!options.json) {
    reporter.note("job " + std::to_string(*options.job) + " is cancelled");
    return CtlExit::kOk;
  }
  JsonWriter json;
  json.begin_object().field("job", *options.job).field("state", "cancelled").end_object();
  Status printed = write_standard_output(json.text() + "\n");
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace pdf2md::ctl
