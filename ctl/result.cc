#include <unistd.h>

#include <algorithm>

#include "ctl/commands.h"
#include "ctl/find_daemon.h"
#include "ctl/job_results.h"
#include "ctl/json.h"
#include "ctl/output_plan.h"
#include "ctl/text.h"
#include "proto/output_names.h"

namespace pdf2md::ctl {
namespace {

struct Wanted {
  std::string output;
  std::string path;  // empty: standard output
};

// Where an output of the job lies below a folder: the layout that links between them expect.
std::string path_below(const std::string& folder, const proto::JobInfo& job,
                       const std::string& output) {
  std::string start = folder + (folder.back() == '/' ? "" : "/");
  if (is_asset(output)) return start + asset_folder_name(job.name) + "/" + base_name(output);
  std::string stem = without_extension(base_name(job.name));
  return start + output_file(stem.empty() || stem == "/" ? "document" : stem, output);
}

Result<std::vector<Wanted>> choose(const Options& options, const proto::JobInfo& job) {
  bool to_folder = options.output_path && (options.output_path->back() == '/' ||
                                           probe_path(*options.output_path) == PathKind::kFolder);
  std::vector<std::string> outputs = options.outputs;
  if (outputs.empty()) {
    if (!to_folder) {
      bool has_markdown = job.outputs.empty();
      for (const proto::OutputInfo& output : job.outputs) has_markdown |= output.name == "md";
      outputs = {has_markdown ? "md" : job.outputs[0].name};
    }
    for (const proto::OutputInfo& output : job.outputs) {
      bool safe = proto::find_output(output.name) != nullptr || is_asset(output.name);
      if (to_folder && safe) outputs.push_back(output.name);
    }
  }
  if (outputs.size() > 1 && !to_folder) {
    return Error{ErrorCode::kBadOptions, "several outputs need a folder", "for example -o DIR/"};
  }
  std::vector<Wanted> wanted;
  for (const std::string& output : outputs) {
    bool made = std::any_of(job.outputs.begin(), job.outputs.end(),
                            [&](const proto::OutputInfo& one) { return one.name == output; });
    if (!made) {
      return Error{ErrorCode::kNoSuchOutput, "has no output " + printable(output),
                   "outputs are chosen when a job is submitted; \"pdf2mdctl status " +
                       std::to_string(job.id) + "\" lists this one's"};
    }
    bool to_stdout = !options.output_path || *options.output_path == "-";
    std::string path = to_stdout   ? ""
                       : to_folder ? path_below(*options.output_path, job, output)
                                   : *options.output_path;
    wanted.push_back({output, path});
  }
  return wanted;
}

uint64_t size_of(const std::vector<Wanted>& wanted, const proto::JobInfo& job) {
  uint64_t total = 0;
  for (const proto::OutputInfo& output : job.outputs) {
    for (const Wanted& one : wanted) total += one.output == output.name ? output.size : 0;
  }
  return total;
}

}  // namespace

CtlExit run_result(const Options& options, Reporter& reporter) {
  std::string label = "job " + std::to_string(*options.job);
  bool to_stdout = !options.output_path || *options.output_path == "-";
  if (options.json && to_stdout) {
    report_error(
        options, reporter, "",
        Error{ErrorCode::kBadOptions, "--json and the document would share standard output",
              "say where the document goes with -o"});
    return CtlExit::kUsage;
  }
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::JobInfo> job = job_info(*connection, *options.job);
  if (!job) return report_error(options, reporter, label, job.error());
  if (exit_of(*job) == CtlExit::kFailed) {
    return report_error(options, reporter, label, failure_of(*job));
  }
  if (job->state != proto::JobState::kDone) {
    return report_error(
        options, reporter, label,
        Error{ErrorCode::kNotFinished, std::string("is ") + proto::name(job->state),
              "\"pdf2mdctl watch " + std::to_string(job->id) + "\" waits for its end"});
  }
  Result<std::vector<Wanted>> wanted = choose(options, *job);
  if (!wanted) {
    report_error(options, reporter, label, wanted.error());
    return wanted.error().code == ErrorCode::kBadOptions ? CtlExit::kUsage : CtlExit::kFailed;
  }
  FileIds no_inputs;
  FileSet files(no_inputs);
  Status status = Ok{};
  uint64_t received = 0;
  uint64_t total = size_of(*wanted, *job);
  reporter.begin(1, ProgressUnit::kBytes);
  for (const Wanted& one : *wanted) {
    if (one.path.empty()) {
      status = fetch_output(*connection, job->id, one.output, write_standard_output);
    } else {
      status = files.begin(one.path);
      if (status) {
        status = fetch_output(*connection, job->id, one.output, [&](std::string_view bytes) {
          received += bytes.size();
          reporter.update(0, label, received, total, "");
          return files.write(bytes);
        });
      }
    }
    if (!status) return report_error(options, reporter, label, status.error());
  }
  status = files.commit();
  reporter.clear();
  if (!status) return report_error(options, reporter, label, status.error());
  for (const std::string& line : page_troubles(*job)) reporter.message(label + ": " + line);
  if (options.json) {
    JsonWriter json;
    json.begin_object().field("job", job->id).key("files").begin_array();
    for (const std::string& path : files.paths()) json.value(path);
    json.end_array().end_object();
    status = write_standard_output(json.text() + "\n");
    if (!status) return report_error(options, reporter, "", status.error());
  }
  return exit_of(*job);
}

}  // namespace pdf2md::ctl
