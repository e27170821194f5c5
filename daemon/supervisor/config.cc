#include "daemon/supervisor/config.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "proto/fd.h"
#include "proto/journal.h"

namespace pdf2md::supervisor {
namespace {

std::string variable(const GetEnvironment& getenv, const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// A service manager's folder for the service: the first of a list with colons (systemd.exec(5)).
std::string service_folder(const GetEnvironment& getenv, const char* name) {
  std::string folders = variable(getenv, name);
  return folders.substr(0, folders.find(':'));
}

std::string cleaned(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

// A container may have less CPU time than CPUs: cgroup v2's "max 100000" or "150000 100000".
uint32_t cgroup_cpus() {
  Result<std::string> text = read_file("/sys/fs/cgroup/cpu.max", 256);
  double quota = 0, period = 0;
  if (!text || std::sscanf(text->c_str(), "%lf %lf", &quota, &period) != 2 || period <= 0)
    return UINT32_MAX;
  return std::max(1u, static_cast<uint32_t>(std::lround(quota / period)));
}

uint32_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return std::max(1u, std::min(static_cast<uint32_t>(count), cgroup_cpus()));
}

// Device nodes, because a container sees only those of its own; CUDA itself is never asked here.
uint32_t visible_gpus(const GetEnvironment& getenv) {
  if (const char* chosen = getenv("CUDA_VISIBLE_DEVICES")) {
    std::string list = chosen;
    if (list.empty() || list[0] == '-') return 0;
    return static_cast<uint32_t>(std::count(list.begin(), list.end(), ',')) + 1;
  }
  uint32_t count = 0;
  while (count < 64 && ::access(("/dev/nvidia" + std::to_string(count)).c_str(), F_OK) == 0)
    ++count;
  return count;
}

}  // namespace

Config default_config(const std::string& exe_dir, uint32_t uid, const GetEnvironment& getenv) {
  Config config;
  std::string runtime = variable(getenv, "XDG_RUNTIME_DIR");
  std::string state = variable(getenv, "XDG_STATE_HOME");
  std::string home = variable(getenv, "HOME");
  std::string temporary = "/tmp/pdf2md-" + std::to_string(uid);
  if (uid == 0) {
    config.socket.path = "/run/pdf2md/pdf2md.sock";
    config.state_dir = "/var/lib/pdf2md";
  } else {
    config.socket.path = (runtime.empty() ? temporary : runtime + "/pdf2md") + "/pdf2md.sock";
    config.state_dir = !state.empty()  ? state + "/pdf2md"
                       : !home.empty() ? home + "/.local/state/pdf2md"
                                       : temporary + "/state";
  }
  std::string service_runtime = service_folder(getenv, "RUNTIME_DIRECTORY");
  std::string service_state = service_folder(getenv, "STATE_DIRECTORY");
  if (!service_runtime.empty()) config.socket.path = service_runtime + "/pdf2md.sock";
  if (!service_state.empty()) config.state_dir = service_state;
  std::string in_tree = cleaned(exe_dir + "/../../.deps/models");
  std::error_code ignored;
  config.model_dir = std::filesystem::is_directory(in_tree, ignored)
                         ? in_tree
                         : cleaned(exe_dir + "/../share/pdf2md/models");
  config.worker_program = exe_dir + "/pdf2md-worker";
  config.reader_program = exe_dir + "/pdf2md-reader";
  config.script_reader_program = exe_dir + "/pdf2md-script-reader";
  return config;
}

std::string default_config_path(uint32_t uid, const GetEnvironment& getenv) {
  std::vector<std::string> candidates;
  std::string config_home = variable(getenv, "XDG_CONFIG_HOME");
  std::string home = variable(getenv, "HOME");
  if (config_home.empty() && !home.empty()) config_home = home + "/.config";
  if (uid != 0 && !config_home.empty()) candidates.push_back(config_home + "/pdf2md/pdf2mdd.toml");
  candidates.push_back("/etc/pdf2md/pdf2mdd.toml");
  for (const std::string& path : candidates) {
    if (::access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

void apply_environment(const GetEnvironment& getenv, Config& config, ConfigProblems& problems) {
  for (const Key& key : all_keys()) {
    const char* value = getenv(std::string(key.variable).c_str());
    if (value == nullptr) continue;
    std::string problem = key.assign_text(config, value);
    if (!problem.empty()) problems.push_back({std::string(key.variable), problem});
  }
}

void check_together(const Config& config, ConfigProblems& problems) {
  const SupervisionSettings& s = config.supervision;
  if (s.backoff_min_ms > s.backoff_max_ms) {
    problems.push_back({"supervision", "backoff_min_s is longer than backoff_max_s"});
  }
  if (s.unresponsive_ms < s.canary_interval_ms + s.canary_timeout_ms) {
    problems.push_back(
        {"supervision",
         "unresponsive_s is shorter than canary_interval_s and canary_timeout_s together"});
  }
  if (config.max_document_bytes > config.queue.max_bytes) {
    problems.push_back(
        {"limits",
         "max_document_mib is more than queue.max_mib: such a document could never be accepted"});
  }
  // sun_path holds 108 bytes, its end included.
  if (config.socket.path.size() > 107) {
    problems.push_back(
        {"socket.path", "\"" + config.socket.path +
                            "\" is longer than the 107 bytes that a socket's path may have"});
  }
}

std::string print_config(const Config& original) {
  Config config = original;
  std::string text;
  std::string_view section;
  for (const Key& key : all_keys()) {
    if (key.section != section) {
      section = key.section;
      text += "\n[" + std::string(section) + "]\n";
    }
    text += "# " + std::string(key.help) + "\n# Environment: " + std::string(key.variable) + "\n";
    text += std::string(key.name) + " = " + key.print(config) + "\n";
  }
  return text;
}

Machine look_at_machine(const GetEnvironment& getenv) {
  return Machine{usable_cpus(), visible_gpus(getenv), stderr_is_journal(getenv("JOURNAL_STREAM"))};
}

Config resolve(Config config, const Machine& machine) {
  bool on_gpu = machine.gpus > 0 && config.device != "cpu";
  if (config.workers == 0)
    config.workers = on_gpu ? static_cast<uint32_t>(devices_of(config, machine).size()) : 1;
  if (config.threads == 0) config.threads = std::max(1u, machine.cpus / config.workers);
  if (config.log.format == "auto") config.log.format = machine.journal ? "journal" : "text";
  // On a CPU the models need the processors themselves. A GPU has to be fed: while one page is with
  // it, the reader of another works.
  if (config.readers == 0)
    config.readers =
        on_gpu ? std::clamp(2 * config.threads, 1u, 48u) : std::clamp(config.threads, 1u, 8u);
  return config;
}

bool expects_gpu(const Config& config, const Machine& machine) {
  return config.device != "cpu" && (config.device != "auto" || machine.gpus > 0);
}

std::vector<std::string> devices_of(const Config& config, const Machine& machine) {
  std::vector<std::string> devices;
  if (config.device.starts_with("cuda:")) {
    std::string_view list = std::string_view(config.device).substr(5);
    for (size_t start = 0; start <= list.size();) {
      size_t comma = std::min(list.find(',', start), list.size());
      devices.push_back("cuda:" + std::string(list.substr(start, comma - start)));
      start = comma + 1;
    }
  } else if (machine.gpus > 1 && config.device != "cpu") {
    for (uint32_t gpu = 0; gpu < machine.gpus; ++gpu)
      devices.push_back("cuda:" + std::to_string(gpu));
  } else {
    devices.push_back(config.device);
  }
  return devices;
}

}  // namespace pdf2md::supervisor
