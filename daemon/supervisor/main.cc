// pdf2mdd: reads its configuration, then serves (supervisor.h).
// Exit codes: 0 left in good order, 1 could not start or was stopped by force, 2 usage or
// configuration.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "daemon/supervisor/config_load.h"
#include "daemon/supervisor/supervisor.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

const char* environment(const char* name) {
  return std::getenv(name);
}

// Workers are told what was found out.
void decide_log_format(Config& config) {
  if (config.log.format != "auto") return;
  config.log.format = stderr_is_journal(std::getenv("JOURNAL_STREAM")) ? "journal" : "text";
}

// 0, 1 and 2 have to be open, or the first sockets would be taken for them.
void open_standard_descriptors() {
  int fd;
  do fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) ::close(fd);
}

int run(int argc, char** argv) {
  open_standard_descriptors();
  Result<Options> options = parse_options(std::vector<std::string>(argv + 1, argv + argc));
  if (!options) {
    std::fprintf(stderr, "pdf2mdd: %s\n", to_string(options.error()).c_str());
    return kExitUsage;
  }
  if (options->help) return std::fputs(usage().c_str(), stdout), 0;
  if (options->version) return std::printf("pdf2mdd %s (build %s)\n", kVersion, build_id()), 0;

  ConfigProblems problems;
  Config config = load_config(*options, problems);
  for (const ConfigProblem& problem : problems) {
    std::fprintf(stderr, "pdf2mdd: %s: %s\n", problem.where.c_str(), problem.what.c_str());
  }
  if (!problems.empty()) return kExitUsage;
  if (options->check_config) return std::puts("The configuration is in order."), 0;
  if (options->print_config) return std::fputs(print_config(config).c_str(), stdout), 0;

  decide_log_format(config);
  log_setup(log_format(config.log.format), "pdf2mdd", log_level(config.log.level));
  if (options->ready_fd >= 0) ::fcntl(options->ready_fd, F_SETFD, FD_CLOEXEC);
  Machine machine = look_at_machine(environment);
  Supervisor supervisor(config, machine, [&options](ConfigProblems& found) {
    Config again = load_config(*options, found);
    decide_log_format(again);
    return again;
  });
  Status opened = supervisor.open();
  if (!opened) {
    log(LogLevel::kError, to_string(opened.error()));
    return kExitFailed;
  }
  return supervisor.run(options->ready_fd) ? 0 : kExitFailed;
}

}  // namespace
}  // namespace pdf2md::supervisor

int main(int argc, char** argv) {
  return pdf2md::supervisor::run(argc, argv);
}
