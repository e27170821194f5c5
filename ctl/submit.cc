#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_results.h"
#include "ctl/json.h"
#include "ctl/output_plan.h"
#include "ctl/text.h"
#include "ctl/upload.h"

namespace pdf2md::ctl {
namespace {

constexpr uint32_t kDefaultPatienceMs = 30'000;

UploadRequest request_for(const Options& options, const std::string& input) {
  UploadRequest request;
  request.options = options.job_options;
  if (request.options.name.empty())
    request.options.name = input == "-" ? "stdin" : base_name(input);
  request.options.name = well_formed(request.options.name);
  if (!options.outputs.empty()) request.options.outputs = options.outputs;
  request.options.asset_prefix = percent_encoded(asset_folder_name(request.options.name)) + "/";
  request.priority = options.priority;
  request.hold = options.hold;
  request.max_workers = options.workers;
  request.wait_ms = options.patience_ms.value_or(kDefaultPatienceMs);
  return request;
}

// Hands one document over and prints its job, whose number comes back.
Result<uint64_t> submit_one(const Options& options, Reporter& reporter, Connection connection,
                            const std::string& input, const std::vector<std::string>& passwords) {
  std::string label = label_of(input);
  Result<Document> document = Document::open(input, connection.welcome().max_document_bytes);
  if (!document) return document.error();
  UploadRequest request = request_for(options, input);
  request.socket_path = connection.path();
  request.document = &*document;
  request.options.passwords = passwords;
  reporter.begin(1, ProgressUnit::kBytes);
  request.on_sent = [&, size = document->size()](uint64_t bytes) {
    reporter.update(0, label, bytes, size, "");
  };
  Result<Submitted> submitted =
      submit_document(std::move(connection), request, [&](const proto::Busy&, uint32_t pause_ms) {
        reporter.note(label + ": the daemon is busy; next try in " + format_duration_ms(pause_ms));
      });
  reporter.clear();
  if (!submitted) return submitted.error();
  std::string line = std::to_string(submitted->accepted.job);
  if (options.json) {
    line = JsonWriter()
               .begin_object()
               .field("job", submitted->accepted.job)
               .field("position", submitted->accepted.position)
               .field("name", request.options.name)
               .end_object()
               .text();
  }
  Status printed = write_standard_output(line + "\n");
  if (!printed) return printed.error();
  return submitted->accepted.job;
}

}  // namespace

CtlExit run_submit(const Options& options, Reporter& reporter) {
  Result<std::vector<std::string>> passwords = read_passwords(options.password_file);
  if (!passwords) return report_error(options, reporter, "", passwords.error());
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  const std::string socket = connection->path();
  Options waiting = options;
  CtlExit exit = CtlExit::kOk;
  for (const std::string& input : options.operands) {
    if (&input != options.operands.data()) connection = Connection::open(socket);
    if (!connection) return report_error(options, reporter, "", connection.error());
    Result<uint64_t> job = submit_one(options, reporter, std::move(*connection), input, *passwords);
    if (job) {
      waiting.several_jobs.push_back(*job);
      continue;
    }
    CtlExit one = report_error(options, reporter, label_of(input), job.error(), passwords->size());
    if (exit == CtlExit::kOk) exit = one;
    if (one == CtlExit::kNoDaemon || interrupted_by() != 0) return one;
  }
  if (!options.wait_for_end || waiting.several_jobs.empty()) return exit;
  CtlExit ended = run_wait(waiting, reporter);
  return exit == CtlExit::kOk ? ended : exit;
}

}  // namespace pdf2md::ctl
