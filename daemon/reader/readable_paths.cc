#include "daemon/reader/readable_paths.h"

#include <cstdlib>

namespace pdf2md::reader {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
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

}  // namespace pdf2md::reader
