#include "ctl/upload.h"

#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/json.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr uint32_t kDefaultWaitMs = 30'000;

}  // namespace

CtlExit run_submit(const Options& options, Reporter& reporter) {
  const std::string& input = options.operands[0];
  std::string label = label_of(input);
  Result<std::vector<std::string>> passwords = read_passwords(options.password_file);
  if (!passwords) return report_error(options, reporter, "", passwords.error());
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<Document> document = Document::open(input, connection->welcome().max_document_bytes);
  if (!document) return report_error(options, reporter, label, document.error());

  UploadRequest request;
  request.socket_path = connection->path();
  request.document = &*document;
  request.options = options.job_options;
  if (request.options.name.empty())
    request.options.name = input == "-" ? "stdin" : base_name(input);
  request.options.name = well_formed(request.options.name);
  if (!options.outputs.empty()) request.options.outputs = options.outputs;
  request.options.asset_prefix = percent_encoded(asset_folder_name(request.options.name)) + "/";
  request.options.passwords = *passwords;
  request.priority = options.priority;
  request.hold = options.hold;
  request.max_workers = options.workers;
  request.wait_ms = options.wait_ms.value_or(kDefaultWaitMs);
  reporter.begin(1, ProgressUnit::kBytes);
  request.on_sent = [&, size = document->size()](uint64_t bytes) {
    reporter.update(0, label, bytes, size, "");
  };
  Result<Submitted> submitted =
      submit_document(std::move(*connection), request, [&](const proto::Busy&, uint32_t pause_ms) {
        reporter.note(label + ": the daemon is busy; next try in " + format_duration_ms(pause_ms));
      });
  reporter.clear();
  if (!submitted) {
    return report_error(options, reporter, label, submitted.error(), passwords->size());
  }
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
  return printed ? CtlExit::kOk : report_error(options, reporter, "", printed.error());
}

}  // namespace pdf2md::ctl
