#include "daemon/reader/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "daemon/reader/landlock.h"
#include "daemon/reader/seccomp_filter.h"

namespace pdf2md::reader {
namespace {

constexpr rlim_t kMostDescriptors = 64;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

void limit_to(int resource, rlim_t most) {
  struct rlimit limit {};
  if (::getrlimit(resource, &limit) != 0) return;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most) limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(resource, &limit);
}

}  // namespace

std::vector<std::string> readable_paths(const std::string& program) {
  std::vector<std::string> paths = {"/etc/fonts",
                                    "/usr/share/fonts",
                                    "/usr/share/fontconfig",
                                    "/usr/local/share/fonts",
                                    "/var/cache/fontconfig",
                                    "/usr/share/poppler",
                                    "/usr/share/ghostscript"};
  const std::string share = folder_of(folder_of(program)) + "/share/";
  paths.push_back(share + "fonts");
  paths.push_back(share + "poppler");
  // Where fontconfig looks as well (fonts-conf(5)).
  if (std::string path = variable("FONTCONFIG_PATH"); !path.empty()) paths.push_back(path);
  if (std::string file = variable("FONTCONFIG_FILE"); !file.empty())
    paths.push_back(folder_of(file));
  const std::string home = variable("HOME");
  const std::string data = variable("XDG_DATA_HOME"), cache = variable("XDG_CACHE_HOME"),
                    config = variable("XDG_CONFIG_HOME");
  if (!data.empty()) paths.push_back(data + "/fonts");
  if (!cache.empty()) paths.push_back(cache + "/fontconfig");
  if (!config.empty()) paths.push_back(config + "/fontconfig");
  if (!home.empty()) {
    for (const char* below : {"/.fonts", "/.fontconfig", "/.local/share/fonts",
                              "/.cache/fontconfig", "/.config/fontconfig"})
      paths.push_back(home + below);
  }
  return paths;
}

std::string enter_sandbox(const std::vector<std::string>& readable) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit_to(RLIMIT_NOFILE, kMostDescriptors);
  limit_to(RLIMIT_NPROC, 0);
  limit_to(RLIMIT_MEMLOCK, 0);
  const int landlock = enter_landlock(readable);
  std::string holds = enter_seccomp() ? "seccomp" : "";
  if (landlock > 0) holds += (holds.empty() ? "landlock" : "+landlock") + std::to_string(landlock);
  return holds.empty() ? "none" : holds;
}

}  // namespace pdf2md::reader
