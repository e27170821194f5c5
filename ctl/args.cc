#include "ctl/args.h"

#include "ctl/operands.h"
#include "ctl/option_table.h"

namespace pdf2md::ctl {
namespace {

struct CommandName {
  Command command;
  const char* name;
};
constexpr CommandName kCommands[] = {
    {Command::kConvert, "convert"},
    {Command::kSubmit, "submit"},
    {Command::kStatus, "status"},
    {Command::kWatch, "watch"},
    {Command::kResult, "result"},
    {Command::kWait, "wait"},
    {Command::kTop, "top"},
    {Command::kCancel, "cancel"},
    {Command::kRetry, "retry"},
    {Command::kRemove, "rm"},
    {Command::kLogs, "logs"},
    {Command::kExplain, "explain"},
    {Command::kCapabilities, "capabilities"},
    {Command::kDoctor, "doctor"},
    {Command::kBugReport, "bug-report"},
    {Command::kHold, "hold"},
    {Command::kRelease, "release"},
    {Command::kPriority, "priority"},
    {Command::kMetrics, "metrics"},
    {Command::kSpool, "spool"},
    {Command::kWorkers, "workers"},
    {Command::kHealth, "health"},
    {Command::kVersion, "version"},
    {Command::kResize, "resize"},
    {Command::kDrain, "drain"},
    {Command::kResume, "resume"},
    {Command::kReload, "reload"},
    {Command::kRestartWorker, "restart-worker"},
    {Command::kCompletion, "completion"},
    {Command::kHelp, "help"},
};

// Options by name or letter, with operands between them; "--" ends the options.
class Parser {
 public:
  Parser(Options& options, const std::vector<std::string>& arguments, size_t start)
      : options_(options), arguments_(arguments), next_(start) {}

  Status run() {
    bool only_operands = false;
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      Status status = Ok{};
      if (only_operands || argument.size() < 2 || argument[0] != '-') {
        options_.operands.push_back(argument);
      } else if (argument == "--") {
        only_operands = true;
      } else if (argument[1] == '-') {
        status = long_option(argument);
      } else {
        status = short_options(argument);
      }
      if (!status) return status;
    }
    return Ok{};
  }

 private:
  Status long_option(const std::string& argument) {
    size_t equals = argument.find('=');
    std::string option = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    const OptionSpec* spec = find_option(option, 0, options_.command);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = argument.substr(equals + 1);
    return apply(spec, "--" + option, value);
  }

  Status short_options(const std::string& argument) {
    for (size_t i = 1; i < argument.size(); ++i) {
      char letter = argument[i];
      const OptionSpec* spec = find_option("", letter, options_.command);
      std::optional<std::string> value;
      if (spec != nullptr && spec->takes_value && i + 1 < argument.size()) {
        value = argument.substr(i + 1);
        i = argument.size();
      }
      Status status = apply(spec, std::string("-") + letter, value);
      if (!status) return status;
    }
    return Ok{};
  }

  Status apply(const OptionSpec* spec, const std::string& shown, std::optional<std::string> value) {
    if (spec == nullptr) return usage(options_, "unknown option " + shown);
    if ((spec->commands & bit(options_.command)) == 0) {
      return usage(options_, shown + " is no option of " + name(options_.command));
    }
    if (spec->takes_value && !value) {
      if (next_ == arguments_.size()) return usage(options_, shown + " needs a value");
      value = arguments_[next_++];
    } else if (!spec->takes_value && value) {
      return usage(options_, shown + " takes no value");
    }
    std::string problem = spec->set(options_, value.value_or(""));
    if (!problem.empty()) {
      std::string given = value ? " " + *value : "";
      return usage(options_, shown + given + ": " + problem);
    }
    return Ok{};
  }

  Options& options_;
  const std::vector<std::string>& arguments_;
  size_t next_;
};

}  // namespace

const char* name(Command command) {
  for (const CommandName& known : kCommands) {
    if (known.command == command) return known.name;
  }
  return "";
}

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (const CommandName& known : kCommands) all.push_back(known.command);
  return all;
}

std::optional<Command> command_named(const std::string& name) {
  for (const CommandName& known : kCommands) {
    if (name == known.name) return known.command;
  }
  return std::nullopt;
}

Result<Options> parse_arguments(const std::vector<std::string>& arguments,
                                const std::string& socket_variable) {
  Options options;
  options.socket = socket_variable;
  // --socket, --json and the like may stand before the command.
  size_t start = 0;
  std::vector<std::string> rest = arguments;
  while (start < rest.size() && rest[start].size() > 1 && rest[start][0] == '-') {
    const std::string& argument = rest[start];
    if (argument == "-h" || argument == "--help") return options;
    if (argument == "-V" || argument == "--version") {
      options.command = Command::kVersion;
      options.start = false;
      return options;
    }
    start += argument == "--socket" ? 2 : 1;
  }
  if (start >= rest.size()) return usage(options, "which command?");
  std::optional<Command> command = command_named(rest[start]);
  if (!command) {
    return usage(options, "there is no command \"" + rest[start] + "\"");
  }
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(start));
  for (const std::string& argument : rest) {
    if (argument == "--") break;
    if (argument != "-h" && argument != "--help") continue;
    options.command = Command::kHelp;
    options.operands = {name(*command)};
    return options;
  }
  options.command = *command;
  Status parsed = Parser(options, rest, 0).run();
  if (parsed) parsed = check_operands(options);
  if (parsed) parsed = check_outputs(options);
  if (!parsed) return parsed.error();
  if (options.quiet) options.verbose = false;
  return options;
}

}  // namespace pdf2md::ctl
