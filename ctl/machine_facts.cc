#include "ctl/machine_facts.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "ctl/connection.h"
#include "ctl/find_daemon.h"
#include "ctl/private_daemon.h"

namespace pdf2md::ctl {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostBytes = 1 << 20;
constexpr unsigned kAskForVersion = 1;  // landlock_create_ruleset(2)

// Beside the programs in a bundle or where they are installed, and in the tree that they were built in.
fs::path beside_program(const std::string& installed, const std::string& in_tree) {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& path : {folder / ".." / installed, folder / "../.." / in_tree})
    if (fs::is_directory(path, ignored)) return fs::canonical(path, ignored);
  return {};
}

uint64_t count_fonts() {
  static const std::set<std::string> kEndings = {".ttf", ".otf", ".ttc", ".t1", ".pfb"};
  uint64_t count = 0;
  for (const fs::path& folder : {fs::path("/usr/share/fonts"), fs::path("/usr/local/share/fonts"),
                                 beside_program("share/fonts", "share/fonts")}) {
    std::error_code problem;
    fs::recursive_directory_iterator at(folder, problem), end;
    for (; !problem && at != end; at.increment(problem))
      count += kEndings.contains(at->path().extension().string());
  }
  return count;
}

uint64_t available_memory_bytes() {
  Result<std::string> text = read_file("/proc/meminfo", kMostBytes);
  const size_t at = text ? text->find("MemAvailable:") : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 13, nullptr, 10) << 10;
}

// The files that the manifest names: file = "...".
std::vector<std::string> missing_weights(const fs::path& folder) {
  std::vector<std::string> missing;
  Result<std::string> manifest = read_file((folder / "manifest.toml").string(), kMostBytes);
  if (!manifest) return {"manifest.toml"};
  for (size_t at = 0; at < manifest->size();) {
    const size_t end = std::min(manifest->find('\n', at), manifest->size());
    const std::string line = manifest->substr(at, end - at);
    at = end + 1;
    const size_t open = line.find('"'), close = line.rfind('"');
    if (!line.starts_with("file") || open == line.npos || close <= open) continue;
    const std::string file = line.substr(open + 1, close - open - 1);
    std::error_code ignored;
    if (!fs::exists(folder / file, ignored)) missing.push_back(file);
  }
  return missing;
}

std::vector<std::string> stale_sockets() {
  const PrivatePlaces places = private_places();
  std::vector<std::string> stale;
  for (const std::string& path :
       {std::string(kSystemSocket), places.runtime_folder + "/pdf2md.sock", places.socket}) {
    std::error_code ignored;
    if (!fs::is_socket(path, ignored)) continue;
    Result<Connection> connection = Connection::open(path);
    // With a hint it is one that this user may not use.
    if (!connection && connection.error().code == ErrorCode::kNoDaemon &&
        connection.error().hint.empty())
      stale.push_back(path);
  }
  return stale;
}

}  // namespace

std::string driver_version(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    const std::string word = line.substr(at, end - at);
    at = end + 1;
    const bool version = word.find('.') != word.npos &&
                         word.find_first_not_of("0123456789.") == word.npos && word[0] != '.';
    if (version) return word;
  }
  return "";
}

MachineFacts machine_facts() {
  MachineFacts facts;
  std::error_code ignored;
  Result<std::string> driver = read_file("/proc/driver/nvidia/version", kMostBytes);
  if (driver) facts.driver = driver_version(*driver);
  facts.cuda_libraries = !beside_program("site/nvidia", ".deps/site/nvidia").empty();
  facts.seccomp = fs::exists("/proc/sys/kernel/seccomp/actions_avail", ignored);
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskForVersion);
  facts.landlock_abi = abi > 0 ? static_cast<int>(abi) : 0;
  facts.fonts = count_fonts();
  facts.poppler_data = fs::exists("/usr/share/poppler/cMap", ignored) ||
                       !beside_program("share/poppler/cMap", "share/poppler/cMap").empty();
  facts.memory_available_bytes = available_memory_bytes();
  const fs::path models = beside_program("share/pdf2md/models", ".deps/models");
  facts.model_folder = models.string();
  if (!models.empty()) facts.missing_weights = missing_weights(models);
  facts.stale_sockets = stale_sockets();
  return facts;
}

}  // namespace pdf2md::ctl
