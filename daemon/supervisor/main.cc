// pdf2mdd: reads its configuration, then serves (supervisor.h).
// Exit codes: 0 left in good order, 1 could not start or was stopped by force, 2 usage or
// configuration.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "daemon/supervisor/options.h"
#include "daemon/supervisor/supervisor.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

constexpr size_t kMaxConfigBytes = 1 << 20;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

const char* environment(const char* name) {
  return std::getenv(name);
}

// All layers over the defaults.
Config load_config(const Options& options, ConfigProblems& problems) {
  std::error_code ignored;
  std::filesystem::path exe = std::filesystem::read_symlink("/proc/self/exe", ignored);
  Config config = default_config(exe.parent_path().string(), ::geteuid(), environment);
  std::string path =
      options.config_given ? options.config_path : default_config_path(::geteuid(), environment);
  if (!path.empty()) {
    Result<std::string> text = read_file(path, kMaxConfigBytes);
    if (text)
      apply_file(path, *text, config, problems);
    else
      problems.push_back({path, text.error().message});
  }
  apply_environment(environment, config, problems);
  for (size_t i = 0; i < options.settings.size(); ++i) {
    const auto& [name, value] = options.settings[i];
    const Key* key = find_key(name);
    std::string problem = key == nullptr ? "is not a known key" : key->assign_text(config, value);
    if (!problem.empty()) problems.push_back({options.spelled[i], problem});
  }
  check_together(config, problems);
  return config;
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

  if (config.log.format == "auto")  // workers get what was found out
    config.log.format = stderr_is_journal(std::getenv("JOURNAL_STREAM")) ? "journal" : "text";
  log_setup(log_format(config.log.format), "pdf2mdd", log_level(config.log.level));
  if (options->ready_fd >= 0) ::fcntl(options->ready_fd, F_SETFD, FD_CLOEXEC);
  Machine machine = look_at_machine(environment);
  Supervisor supervisor(resolve(config, machine), machine);
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
