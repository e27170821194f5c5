#include "daemon/supervisor/options.h"

#include <charconv>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {
namespace {

struct Flag {
  const char* name;
  const char* key;    // of the configuration; "" for the others
  const char* value;  // what it takes; "" for nothing
  const char* help;
};

constexpr Flag kFlags[] = {
    {"--config", "", "FILE", "read this file instead of /etc/pdf2md/pdf2mdd.toml"},
    {"--socket", "socket.path", "PATH", "socket that clients connect to"},
    {"--state", "state_dir", "DIR", "folder of the spool"},
    {"--workers", "workers", "N", "worker processes (0: one a GPU, else one)"},
    {"--device", "device", "DEVICE", "auto, cpu, cuda or cuda:N,N"},
    {"--threads", "threads", "T", "CPU threads of each worker (0: a share of the CPUs)"},
    {"--readers", "readers", "K", "readers, and so pages under way, of each worker"},
    {"--model-dir", "model_dir", "DIR", "folder with manifest.toml and the weights"},
    {"--worker-program", "worker_program", "PATH", "the pdf2md-worker to run"},
    {"--reader-program", "reader_program", "PATH", "the pdf2md-reader that workers run"},
    {"--script-reader-program", "script_reader_program", "PATH",
     "the pdf2md-script-reader that workers run"},
    {"--log-format", "log.format", "FORMAT", "auto, text, journal or json"},
    {"--log-level", "log.level", "LEVEL", "error, warning, info or debug"},
    {"--idle-exit", "idle_exit_s", "SECONDS",
     "leave after so long without client and job (0: never)"},
    {"--set", "", "KEY=VALUE", "set any key of the configuration, as in --set queue.max_jobs=5"},
    {"--ready-fd", "", "N", "write \"ready\" to this descriptor once clients can connect"},
    {"--check-config", "", "", "say what is wrong with the configuration, and leave"},
    {"--print-config", "", "", "print the configuration as it would be used, and leave"},
    {"--version", "", "", "print the version, and leave"},
    {"--help", "", "", "print this, and leave"},
};

Error usage_error(const std::string& what) {
  return Error{ErrorCode::kBadOptions, what, "see pdf2mdd --help"};
}

const Flag* find_flag(const std::string& name) {
  for (const Flag& flag : kFlags) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    std::string value;
    size_t equals = name.find('=');
    bool joined = name.rfind("--", 0) == 0 && equals != std::string::npos;
    if (joined) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Flag* flag = find_flag(name);
    if (flag == nullptr) {
      std::vector<std::string> known;
      for (const Flag& one : kFlags) known.push_back(one.name);
      std::string nearest = nearest_name(name, known);
      return usage_error("\"" + name + "\" is not an option" +
                         (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
    bool takes_value = flag->value[0] != '\0';
    if (joined && !takes_value) return usage_error(name + " takes no value");
    if (takes_value && !joined) {
      if (++i == arguments.size()) return usage_error(name + " needs a value: " + flag->value);
      value = arguments[i];
    }
    if (flag->key[0] != '\0') {
      options.settings.emplace_back(flag->key, value);
      options.spelled.push_back(name);
    } else if (name == "--config") {
      options.config_path = value;
      options.config_given = true;
    } else if (name == "--set") {
      size_t split = value.find('=');
      if (split == std::string::npos)
        return usage_error("--set needs KEY=VALUE, not \"" + value + "\"");
      options.settings.emplace_back(value.substr(0, split), value.substr(split + 1));
      options.spelled.push_back("--set " + value.substr(0, split));
    } else if (name == "--ready-fd") {
      auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), options.ready_fd);
      if (error != std::errc() || end != value.data() + value.size() || options.ready_fd < 0) {
        return usage_error("--ready-fd needs the number of a descriptor, not \"" + value + "\"");
      }
    } else if (name == "--check-config") {
      options.check_config = true;
    } else if (name == "--print-config") {
      options.print_config = true;
    } else if (name == "--version") {
      options.version = true;
    } else {
      options.help = true;
    }
  }
  return options;
}

std::string usage() {
  std::string text =
      "Usage: pdf2mdd [OPTION]...\nTurns documents into Markdown for the clients of its "
      "socket.\n\n";
  for (const Flag& flag : kFlags) {
    std::string left = std::string("  ") + flag.name +
                       (flag.value[0] != '\0' ? std::string(" ") + flag.value : "");
    left.resize(std::max<size_t>(left.size() + 2, 28), ' ');
    text += left + flag.help + "\n";
  }
  return text + "\nSee pdf2mdd(8) and pdf2mdd.toml(5).\n";
}

}  // namespace pdf2md::supervisor
