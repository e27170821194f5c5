// What the daemon logged: from the journal, or from the file that it writes to.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/log_lines.h"
#include "ctl/text.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {
namespace {

constexpr int kLookAgainMs = 500;

// Returns only where there is no journalctl.
Error run_journalctl(const Options& options) {
  std::vector<std::string> words = {"journalctl", "--output=short-iso"};
  if (options.follow) words.emplace_back("--follow");
  if (options.lines) words.push_back("--lines=" + std::to_string(*options.lines));
  if (options.job) {
    words.push_back("PDF2MD_JOB=" + std::to_string(*options.job));
  } else {
    for (const char* program : {"pdf2mdd", "pdf2md-worker", "pdf2md-reader"})
      words.push_back(std::string("--identifier=") + program);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  return io_error("journalctl");
}

Status show_file(const Options& options, const std::string& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) {
    Error error = io_error("the daemon's log " + printable(path));
    error.hint = "it is on the daemon's machine, and for those who may read it";
    return error;
  }
  LogLines lines(options.job, options.lines);
  std::array<char, 1 << 16> buffer;
  for (;;) {
    ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(printable(path));
    if (n > 0) {
      lines.add({buffer.data(), static_cast<size_t>(n)});
      continue;
    }
    Status written = write_standard_output(lines.take());
    if (!written || !options.follow) return written;
    if (wait_on(-1, 0, kLookAgainMs) == Wake::kInterrupted) return Ok{};
  }
}

}  // namespace

CtlExit run_logs(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::CapabilityList> list =
      connection->request<proto::CapabilityList>(proto::CapabilitiesRequest());
  if (!list) return report_error(options, reporter, "", list.error());
  if (list->log == "journal") return report_error(options, reporter, "", run_journalctl(options));
  if (list->log.empty()) {
    return report_error(options, reporter, "",
                        Error{ErrorCode::kIo, "the daemon's log goes to a terminal or a pipe",
                              "run it as a service, or with its standard error into a file"});
  }
  watch_standard_output();
  Status shown = show_file(options, list->log);
  return shown ? CtlExit::kOk : report_error(options, reporter, "", shown.error());
}

}  // namespace pdf2md::ctl
