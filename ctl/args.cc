#include "ctl/args.h"

#include <algorithm>
#include <charconv>

#include "ctl/text.h"
#include "proto/page_ranges.h"

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
    {Command::kCancel, "cancel"},
    {Command::kWorkers, "workers"},
    {Command::kHealth, "health"},
    {Command::kVersion, "version"},
    {Command::kHelp, "help"},
    {Command::kHold, "hold"},
    {Command::kRelease, "release"},
    {Command::kPriority, "priority"},
    {Command::kMetrics, "metrics"},
    {Command::kResize, "resize"},
    {Command::kDrain, "drain"},
    {Command::kResume, "resume"},
    {Command::kReload, "reload"},
    {Command::kRestartWorker, "restart-worker"},
};

constexpr unsigned bit(Command command) {
  return 1u << static_cast<unsigned>(command);
}
constexpr unsigned kConvertOnly = bit(Command::kConvert);
constexpr unsigned kSending = kConvertOnly | bit(Command::kSubmit);
constexpr unsigned kWriting = kConvertOnly | bit(Command::kResult);
constexpr unsigned kEvery = ~0u;

// Returns what is wrong with the value; empty: nothing.
using Setter = std::string (*)(Options& options, const std::string& value);

template <class Number>
bool parse_number(const std::string& text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string set_pages(Options& options, const std::string& value) {
  if (value.empty()) return "no pages given; give them as in 3-7,12 or 5- or -3";
  Result<std::vector<proto::PageRange>> ranges = proto::parse_page_ranges(value);
  if (!ranges) return ranges.error().message + "; " + ranges.error().hint;
  options.job_options.pages = value;
  return "";
}

std::string set_max_pages(Options& options, const std::string& value) {
  uint32_t number = 0;
  if (!parse_number(value, number) || number == 0) return "not a number of pages, 1 or more";
  options.job_options.max_pages = number;
  return "";
}

std::string set_timeout(Options& options, const std::string& value) {
  std::optional<uint32_t> ms = parse_duration_ms(value);
  if (!ms) return "not a duration; give seconds, or as in 90s, 10m, 1h30m";
  options.job_options.timeout_ms = *ms;
  return "";
}

std::string set_wait(Options& options, const std::string& value) {
  std::optional<uint32_t> ms = value == "0" ? 0 : parse_duration_ms(value);
  if (!ms) return "not a duration; give seconds, or as in 90s, 10m, or 0 not to wait";
  options.wait_ms = *ms;
  return "";
}

std::string set_priority(Options& options, const std::string& value) {
  uint32_t number = 0;
  bool fits = parse_number(value, number) && number >= proto::kLowestPriority &&
              number <= proto::kHighestPriority;
  if (!fits) return "not a priority from 1 to 100";
  options.priority = number;
  return "";
}

std::string set_jobs(Options& options, const std::string& value) {
  if (!parse_number(value, options.jobs) || options.jobs == 0 || options.jobs > 64) {
    return "not a number from 1 to 64";
  }
  return "";
}

std::string set_outputs(Options& options, const std::string& value) {
  options.outputs.clear();
  for (size_t start = 0; start <= value.size();) {
    size_t comma = std::min(value.find(',', start), value.size());
    std::string output = value.substr(start, comma - start);
    if (output.empty()) return "an output without a name; give md, json or md,json";
    std::vector<std::string>& all = options.outputs;
    if (std::find(all.begin(), all.end(), output) == all.end()) all.push_back(output);
    start = comma + 1;
  }
  return "";
}

std::string set_separator(Options& options, const std::string& value) {
  std::optional<std::string> text = unescape(value);
  if (!text) return "unknown escape; known are \\n, \\t, \\f and \\\\";
  options.job_options.page_separator = well_formed(*text);
  return "";
}

std::string choose(std::string& field, const std::string& value) {
  if (value != "auto" && value != "always" && value != "never") {
    return "not one of auto, always, never";
  }
  field = value;
  return "";
}

struct OptionSpec {
  const char* name;  // without the dashes
  char letter;       // 0: none
  bool takes_value;
  unsigned commands;
  Setter set;
};

const OptionSpec kOptions[] = {
    {"socket", 0, true, kEvery,
     [](Options& o, const std::string& v) -> std::string {
       o.socket = v;
       return v.empty() ? "empty path" : "";
     }},
    {"json", 0, false, kEvery,
     [](Options& o, const std::string&) { return o.json = true, std::string(); }},
    {"quiet", 'q', false, kEvery,
     [](Options& o, const std::string&) { return o.quiet = true, std::string(); }},
    {"verbose", 'v', false, kEvery,
     [](Options& o, const std::string&) { return o.verbose = true, std::string(); }},
    {"output", 0, true, kSending | kWriting, set_outputs},
    {"out", 'o', true, kWriting,
     [](Options& o, const std::string& v) -> std::string {
       o.output_path = v;
       return v.empty() ? "empty path" : "";
     }},
    {"jobs", 'j', true, kConvertOnly, set_jobs},
    {"no-start", 0, false, kConvertOnly,
     [](Options& o, const std::string&) { return o.start = false, std::string(); }},
    {"wait", 0, true, kSending, set_wait},
    {"priority", 'p', true, kSending, set_priority},
    {"hold", 0, false, bit(Command::kSubmit),
     [](Options& o, const std::string&) { return o.hold = true, std::string(); }},
    {"name", 0, true, kSending,
     [](Options& o, const std::string& v) -> std::string {
       o.job_options.name = v;
       return v.empty() ? "empty name" : "";
     }},
    {"pages", 0, true, kSending, set_pages},
    {"max-pages", 0, true, kSending, set_max_pages},
    {"timeout", 0, true, kSending, set_timeout},
    {"password-file", 0, true, kSending,
     [](Options& o, const std::string& v) -> std::string {
       o.password_file = v;
       return v.empty() ? "empty path" : "";
     }},
    {"deaths", 0, false, bit(Command::kWorkers),
     [](Options& o, const std::string&) { return o.deaths = true, std::string(); }},
    {"strict", 0, false, kSending,
     [](Options& o, const std::string&) { return o.job_options.strict = true, std::string(); }},
    {"keep-headers", 0, false, kSending,
     [](Options& o, const std::string&) {
       return o.job_options.keep_headers = true, std::string();
     }},
    {"no-images", 0, false, kSending,
     [](Options& o, const std::string&) { return o.job_options.images = false, std::string(); }},
    {"page-separator", 0, true, kSending, set_separator},
    {"ocr", 0, true, kSending,
     [](Options& o, const std::string& v) { return choose(o.job_options.ocr, v); }},
    {"live", 0, false, bit(Command::kHealth),
     [](Options& o, const std::string&) { return o.live = true, std::string(); }},
    {"ready", 0, false, bit(Command::kHealth),
     [](Options& o, const std::string&) { return o.ready = true, std::string(); }},
    {"layout", 0, true, kSending,
     [](Options& o, const std::string& v) { return choose(o.job_options.layout, v); }},
};

const OptionSpec* find_option(const std::string& name, char letter) {
  for (const OptionSpec& spec : kOptions) {
    if (letter != 0 ? spec.letter == letter : spec.name == name) return &spec;
  }
  return nullptr;
}

Error usage(const Options& options, const std::string& message) {
  bool general = options.command == Command::kHelp;
  return Error{ErrorCode::kBadOptions, message,
               std::string("see \"pdf2mdctl help") + (general ? "" : " ") +
                   (general ? "" : name(options.command)) + "\""};
}

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
    const OptionSpec* spec = find_option(option, 0);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = argument.substr(equals + 1);
    return apply(spec, "--" + option, value);
  }

  Status short_options(const std::string& argument) {
    for (size_t i = 1; i < argument.size(); ++i) {
      char letter = argument[i];
      const OptionSpec* spec = find_option("", letter);
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

Status check_outputs(const Options& options) {
  for (const std::string& output : options.outputs) {
    bool asset = options.command == Command::kResult && output.starts_with("assets/");
    if (output == "md" || output == "json" || asset) continue;
    return usage(options,
                 "--output " + output + ": there is no such output; there are md and json");
  }
  return Ok{};
}

Result<uint64_t> job_number(const Options& options, const std::string& operand) {
  uint64_t number = 0;
  if (parse_number(operand, number) && number != 0) return number;
  return usage(options, "\"" + operand + "\" is not the number of a job");
}

// Operands that are a job's number, for the commands on one job.
Status take_job(Options& options, bool required) {
  if (options.operands.size() > 1) return usage(options, "one job at a time");
  if (options.operands.empty()) {
    if (required)
      return usage(options, "which job? give its number, as \"pdf2mdctl status\" shows it");
    return Ok{};
  }
  Result<uint64_t> number = job_number(options, options.operands[0]);
  if (!number) return number.error();
  options.job = *number;
  options.operands.clear();
  return Ok{};
}

Status take_several_jobs(Options& options) {
  if (options.operands.empty())
    return usage(options, "which jobs? give their numbers, as \"pdf2mdctl status\" shows them");
  for (const std::string& operand : options.operands) {
    Result<uint64_t> number = job_number(options, operand);
    if (!number) return number.error();
    options.several_jobs.push_back(*number);
  }
  options.operands.clear();
  return Ok{};
}

// JOB NUMBER
Status take_job_and_priority(Options& options) {
  if (options.operands.size() != 2) return usage(options, "give a job and its new priority");
  std::string problem = set_priority(options, options.operands[1]);
  if (!problem.empty()) return usage(options, options.operands[1] + ": " + problem);
  options.operands.pop_back();
  return take_job(options, true);
}

Status take_workers(Options& options) {
  if (options.operands.size() != 1) return usage(options, "how many workers? give one number");
  if (!parse_number(options.operands[0], options.workers) || options.workers == 0)
    return usage(options, "\"" + options.operands[0] + "\" is not a number of workers, 1 or more");
  return Ok{};
}

Status take_slot(Options& options) {
  if (options.operands.size() != 1)
    return usage(options,
                 "which worker? give its number, as \"pdf2mdctl workers\" shows it, or all");
  if (options.operands[0] == "all") return Ok{};
  uint32_t slot = 0;
  if (!parse_number(options.operands[0], slot))
    return usage(options, "\"" + options.operands[0] + "\" is not the number of a worker");
  options.slot = slot;
  return Ok{};
}

Status check_sending(Options& options) {
  if (options.operands.empty()) options.operands.push_back("-");
  size_t from_stdin = static_cast<size_t>(
      std::count(options.operands.begin(), options.operands.end(), std::string("-")));
  if (from_stdin > 1) return usage(options, "standard input (-) can be read once only");
  if (options.password_file == "-" && from_stdin > 0) {
    return usage(options, "the document and the passwords cannot both come from standard input");
  }
  if (options.command == Command::kSubmit && options.operands.size() > 1) {
    return usage(options, "submit takes one document");
  }
  if (!options.job_options.name.empty() && options.operands.size() > 1) {
    return usage(options, "--name is for one document");
  }
  return Ok{};
}

Status check_operands(Options& options) {
  switch (options.command) {
    case Command::kConvert:
    case Command::kSubmit:
      return check_sending(options);
    case Command::kStatus:
      return take_job(options, false);
    case Command::kWatch:
    case Command::kResult:
    case Command::kCancel:
      return take_job(options, true);
    case Command::kHold:
    case Command::kRelease:
      return take_several_jobs(options);
    case Command::kPriority:
      return take_job_and_priority(options);
    case Command::kResize:
      return take_workers(options);
    case Command::kRestartWorker:
      return take_slot(options);
    case Command::kWorkers:
    case Command::kHealth:
    case Command::kMetrics:
    case Command::kDrain:
    case Command::kResume:
    case Command::kReload:
    case Command::kVersion:
      if (!options.operands.empty()) {
        return usage(options, std::string(name(options.command)) + " takes no operand");
      }
      return Ok{};
    case Command::kHelp:
      if (options.operands.size() > 1) return usage(options, "help on one command at a time");
      if (!options.operands.empty() && !command_named(options.operands[0])) {
        return usage(options, "there is no command \"" + options.operands[0] + "\"");
      }
      return Ok{};
  }
  return Ok{};
}

}  // namespace

const char* name(Command command) {
  for (const CommandName& known : kCommands) {
    if (known.command == command) return known.name;
  }
  return "";
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

std::optional<uint32_t> parse_duration_ms(const std::string& text) {
  struct Unit {
    const char* name;
    double ms;
  };
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"min", 6e4}, {"h", 3.6e6}};
  double total = 0;
  size_t at = 0;
  while (at < text.size()) {
    double number = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number,
                                        std::chars_format::fixed);
    if (error != std::errc() || text[at] == '-') return std::nullopt;
    at = static_cast<size_t>(end - text.data());
    size_t letters = at;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    std::string_view unit = std::string_view(text).substr(at, letters - at);
    if (unit.empty() && letters == text.size()) unit = "s";
    const Unit* found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                     [&unit](const Unit& u) { return unit == u.name; });
    if (found == std::end(kUnits)) return std::nullopt;
    total += number * found->ms;
    at = letters;
  }
  if (!(total >= 1) || total > static_cast<double>(UINT32_MAX)) return std::nullopt;
  return static_cast<uint32_t>(total);
}

std::optional<std::string> unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    char next = i + 1 < text.size() ? text[i + 1] : 0;
    switch (next) {
      case 'n':
        plain += '\n';
        break;
      case 't':
        plain += '\t';
        break;
      case 'f':
        plain += '\f';
        break;
      case '\\':
        plain += '\\';
        break;
      default:
        return std::nullopt;
    }
    ++i;
  }
  return plain;
}

}  // namespace pdf2md::ctl
