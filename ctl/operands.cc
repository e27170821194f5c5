#include "ctl/operands.h"

#include <algorithm>

#include "ctl/completion.h"
#include "ctl/option_table.h"
#include "proto/output_names.h"

namespace pdf2md::ctl {
namespace {

Result<uint64_t> job_number(const Options& options, const std::string& operand) {
  uint64_t number = 0;
  if (parse_number(operand, number) && number != 0) return number;
  return usage(options, "\"" + operand + "\" is not the number of a job");
}

// Operands that are a job's number, for the commands on one job.
Status take_job(Options& options, bool required) {
  if (options.operands.size() > 1) return usage(options, "one job at a time");
  if (options.operands.empty()) {
    if (required)
      return usage(options, "which job? give its number, as \"pdf2mdctl status\" shows it");
    return Ok{};
  }
  Result<uint64_t> number = job_number(options, options.operands[0]);
  if (!number) return number.error();
  options.job = *number;
  options.operands.clear();
  return Ok{};
}

Status take_several_jobs(Options& options) {
  if (options.operands.empty())
    return usage(options, "which jobs? give their numbers, as \"pdf2mdctl status\" shows them");
  for (const std::string& operand : options.operands) {
    Result<uint64_t> number = job_number(options, operand);
    if (!number) return number.error();
    options.several_jobs.push_back(*number);
  }
  options.operands.clear();
  return Ok{};
}

// JOB..., or options that say which.
Status take_jobs_or_choice(Options& options) {
  bool chosen = options.all_jobs || !options.user.empty() || options.states != 0;
  if (!chosen) return take_several_jobs(options);
  if (!options.operands.empty())
    return usage(options, "either the numbers of jobs, or --all, --user and --state");
  return Ok{};
}

// JOB PAGE
Status take_job_and_page(Options& options) {
  if (options.operands.size() != 2) return usage(options, "give a job and the number of a page");
  if (!parse_number(options.operands[1], options.page) || options.page == 0)
    return usage(options, "\"" + options.operands[1] + "\" is not the number of a page");
  options.operands.pop_back();
  return take_job(options, true);
}

// JOB NUMBER
Status take_job_and_priority(Options& options) {
  if (options.operands.size() != 2) return usage(options, "give a job and its new priority");
  std::string problem = set_priority(options, options.operands[1]);
  if (!problem.empty()) return usage(options, options.operands[1] + ": " + problem);
  options.operands.pop_back();
  return take_job(options, true);
}

Status take_workers(Options& options) {
  if (options.operands.size() != 1) return usage(options, "how many workers? give one number");
  if (!parse_number(options.operands[0], options.workers) || options.workers == 0)
    return usage(options, "\"" + options.operands[0] + "\" is not a number of workers, 1 or more");
  return Ok{};
}

Status take_slot(Options& options) {
  if (options.operands.size() != 1)
    return usage(options,
                 "which worker? give its number, as \"pdf2mdctl workers\" shows it, or all");
  if (options.operands[0] == "all") return Ok{};
  uint32_t slot = 0;
  if (!parse_number(options.operands[0], slot))
    return usage(options, "\"" + options.operands[0] + "\" is not the number of a worker");
  options.slot = slot;
  return Ok{};
}

Status check_batch(const Options& options) {
  bool from_stdin = std::count(options.operands.begin(), options.operands.end(), "-") > 0;
  if (from_stdin)
    return usage(options, "a document from standard input (-) has no place among several");
  if (options.operands.empty() && options.files_from.empty())
    return usage(options, "which documents or folders?");
  if (options.files_from == "-" && options.password_file == "-")
    return usage(options, "the list and the passwords cannot both come from standard input");
  if (!options.job_options.name.empty()) return usage(options, "--name is for one document");
  if (!options.output_path || *options.output_path == "-")
    return usage(options, "where to? give a folder with -o");
  return Ok{};
}

Status check_sending(Options& options) {
  if (options.batch) return check_batch(options);
  if (options.operands.empty()) options.operands.push_back("-");
  size_t from_stdin = static_cast<size_t>(
      std::count(options.operands.begin(), options.operands.end(), std::string("-")));
  if (from_stdin > 1) return usage(options, "standard input (-) can be read once only");
  if (options.password_file == "-" && from_stdin > 0) {
    return usage(options, "the document and the passwords cannot both come from standard input");
  }
  if (!options.job_options.name.empty() && options.operands.size() > 1) {
    return usage(options, "--name is for one document");
  }
  return Ok{};
}

}  // namespace

Error usage(const Options& options, const std::string& message) {
  bool general = options.command == Command::kHelp;
  return Error{ErrorCode::kBadOptions, message,
               std::string("see \"pdf2mdctl help") + (general ? "" : " ") +
                   (general ? "" : name(options.command)) + "\""};
}

Status check_outputs(const Options& options) {
  for (const std::string& output : options.outputs) {
    bool asset = options.command == Command::kResult && output.starts_with("assets/");
    if (proto::find_output(output) != nullptr || asset) continue;
    return usage(options, "--output " + output + ": there is no such output; there are " +
                              proto::output_list());
  }
  return Ok{};
}

Status check_operands(Options& options) {
  switch (options.command) {
    case Command::kConvert:
    case Command::kSubmit:
      return check_sending(options);
    case Command::kStatus:
      if (!options.operands.empty() && (!options.user.empty() || options.states != 0))
        return usage(options, "either the number of a job, or --user and --state");
      return take_job(options, false);
    case Command::kWatch:
    case Command::kResult:
    case Command::kBugReport:
      return take_job(options, true);
    case Command::kExplain:
      return take_job_and_page(options);
    case Command::kLogs:
      return take_job(options, false);
    case Command::kCancel:
    case Command::kRetry:
    case Command::kRemove:
      return take_jobs_or_choice(options);
    case Command::kWait:
    case Command::kHold:
    case Command::kRelease:
      return take_several_jobs(options);
    case Command::kPriority:
      return take_job_and_priority(options);
    case Command::kResize:
      return take_workers(options);
    case Command::kRestartWorker:
      return take_slot(options);
    case Command::kTop:
    case Command::kWorkers:
    case Command::kHealth:
    case Command::kMetrics:
    case Command::kSpool:
    case Command::kCapabilities:
    case Command::kDoctor:
    case Command::kDrain:
    case Command::kResume:
    case Command::kReload:
    case Command::kVersion:
      if (!options.operands.empty()) {
        return usage(options, std::string(name(options.command)) + " takes no operand");
      }
      return Ok{};
    case Command::kCompletion:
      if (options.operands.size() != 1 || completion_for(options.operands[0]).empty())
        return usage(options, "for which shell? bash, zsh or fish");
      return Ok{};
    case Command::kHelp:
      if (options.operands.size() > 1) return usage(options, "help on one command at a time");
      if (!options.operands.empty() && !command_named(options.operands[0])) {
        return usage(options, "there is no command \"" + options.operands[0] + "\"");
      }
      return Ok{};
  }
  return Ok{};
}

}  // namespace pdf2md::ctl
