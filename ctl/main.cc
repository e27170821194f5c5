// pdf2mdctl: the person's tool. See pdf2mdctl(1).

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/interrupt.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"

namespace pdf2md::ctl {

CtlExit report_error(const Options& options, Reporter& reporter, const std::string& label,
                     const Error& error, size_t passwords) {
  reporter.clear();
  CtlExit exit = exit_of(error);
  if (interrupted_by() != 0) return exit;  // the person knows
  std::string start = label.empty() ? "pdf2mdctl" : label;
  reporter.message(explain(start, error, passwords));
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("error");
    write_json(json, error);
    json.end_object();
    (void)write_standard_output(json.text() + "\n");
  }
  return exit;
}

Result<std::vector<std::string>> read_passwords(const std::string& path) {
  constexpr size_t kMaxBytes = 64 << 10;
  std::vector<std::string> passwords;
  if (path.empty()) return passwords;
  Result<std::string> text = read_file(path == "-" ? "/dev/stdin" : path, kMaxBytes);
  if (!text) {
    text.error().message = "--password-file: " + text.error().message;
    return text.error();
  }
  for (size_t start = 0; start < text->size();) {
    size_t end = std::min(text->find('\n', start), text->size());
    std::string line = text->substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) passwords.push_back(line);
    start = end + 1;
  }
  return passwords;
}

namespace {

CtlExit run(const Options& options, Reporter& reporter) {
  switch (options.command) {
    case Command::kConvert:
      return run_convert(options, reporter);
    case Command::kSubmit:
      return run_submit(options, reporter);
    case Command::kStatus:
      return run_status(options, reporter);
    case Command::kWatch:
      return run_watch(options, reporter);
    case Command::kResult:
      return run_result(options, reporter);
    case Command::kTop:
      return run_top(options, reporter);
    case Command::kWait:
      return run_wait(options, reporter);
    case Command::kCancel:
      return run_cancel(options, reporter);
    case Command::kRetry:
      return run_retry(options, reporter);
    case Command::kRemove:
      return run_remove(options, reporter);
    case Command::kLogs:
      return run_logs(options, reporter);
    case Command::kExplain:
      return run_explain(options, reporter);
    case Command::kCapabilities:
      return run_capabilities(options, reporter);
    case Command::kDoctor:
      return run_doctor(options, reporter);
    case Command::kBugReport:
      return run_bug_report(options, reporter);
    case Command::kHold:
    case Command::kRelease:
      return run_hold(options, reporter);
    case Command::kPriority:
      return run_priority(options, reporter);
    case Command::kWorkers:
      return options.deaths ? run_deaths(options, reporter) : run_workers(options, reporter);
    case Command::kHealth:
      return run_health(options, reporter);
    case Command::kSpool:
      return run_spool(options, reporter);
    case Command::kMetrics:
      return run_metrics(options, reporter);
    case Command::kResize:
    case Command::kDrain:
    case Command::kResume:
    case Command::kRestartWorker:
      return run_operate(options, reporter);
    case Command::kReload:
      return run_reload(options, reporter);
    case Command::kVersion:
      return run_version(options, reporter);
    case Command::kCompletion:
      return run_completion(options);
    case Command::kHelp:
      return run_help(options);
  }
  return CtlExit::kUsage;
}

// A program started with 0, 1 or 2 closed would get its socket there, and write messages into it.
void fill_standard_descriptors() {
  for (int fd = ::open("/dev/null", O_RDWR); fd >= 0; fd = ::open("/dev/null", O_RDWR)) {
    if (fd <= STDERR_FILENO) continue;
    ::close(fd);
    break;
  }
}

int main_of(const std::vector<std::string>& arguments) {
  fill_standard_descriptors();
  install_signal_handlers();
  const char* socket = std::getenv("PDF2MD_SOCKET");
  Result<Options> options = parse_arguments(arguments, socket == nullptr ? "" : socket);
  CtlExit exit = CtlExit::kUsage;
  if (options) {
    Reporter reporter(options->quiet, options->verbose);
    exit = run(*options, reporter);
  } else {
    Reporter(false, false).message("pdf2mdctl: " + to_string(options.error()));
  }
  if (interrupted_by() != 0) die_of_interrupt();
  return static_cast<int>(exit);
}

}  // namespace
}  // namespace pdf2md::ctl

int main(int argc, char** argv) {
  return pdf2md::ctl::main_of(std::vector<std::string>(argv + 1, argv + argc));
}
