#include "daemon/supervisor/config_load.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "proto/fd.h"

namespace pdf2md::supervisor {
namespace {

constexpr size_t kMaxConfigBytes = 1 << 20;

const char* environment(const char* name) {
  return std::getenv(name);
}

}  // namespace

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

}  // namespace pdf2md::supervisor
