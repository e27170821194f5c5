#include "ctl/option_table.h"

#include <algorithm>

#include "ctl/job_filter.h"
#include "ctl/text.h"
#include "proto/output_names.h"
#include "proto/page_ranges.h"

namespace pdf2md::ctl {
namespace {

constexpr uint64_t kConvertOnly = bit(Command::kConvert);
constexpr uint64_t kSending = kConvertOnly | bit(Command::kSubmit);
constexpr uint64_t kWriting = kConvertOnly | bit(Command::kResult);
constexpr uint64_t kChoosing = bit(Command::kCancel) | bit(Command::kRetry) | bit(Command::kRemove);
constexpr uint64_t kEvery = ~uint64_t{0};

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

std::string set_patience(Options& options, const std::string& value) {
  std::optional<uint32_t> ms = value == "0" ? 0 : parse_duration_ms(value);
  if (!ms) return "not a duration; give seconds, or as in 90s, 10m, or 0 not to wait";
  options.patience_ms = *ms;
  return "";
}

std::string set_jobs(Options& options, const std::string& value) {
  uint32_t number = 0;
  if (!parse_number(value, number) || number == 0 || number > 64)
    return "not a number from 1 to 64";
  options.jobs = number;
  return "";
}

std::string set_retries(Options& options, const std::string& value) {
  uint32_t number = 0;
  if (!parse_number(value, number)) return "not a number of tries, 0 or more";
  options.retries = number;
  return "";
}

std::string set_shard(Options& options, const std::string& value) {
  std::optional<Shard> shard = parse_shard(value);
  if (!shard) return "not a part of several; give it as in 2/5";
  options.shard = *shard;
  return "";
}

std::string set_outputs(Options& options, const std::string& value) {
  options.outputs.clear();
  for (size_t start = 0; start <= value.size();) {
    size_t comma = std::min(value.find(',', start), value.size());
    std::string output = value.substr(start, comma - start);
    if (output.empty()) return "an output without a name; there are " + proto::output_list();
    std::vector<std::string>& all = options.outputs;
    if (output == "images")  // which are no file of their own
      options.job_options.images = true;
    else if (std::find(all.begin(), all.end(), output) == all.end())
      all.push_back(output);
    start = comma + 1;
  }
  return options.outputs.empty() ? "images come with another output, as in md,images" : "";
}

std::string set_images(Options& options, const std::string& value) {
  if (value != "files" && value != "inline" && value != "none")
    return "not one of files, inline, none";
  options.job_options.images = value != "none";
  options.job_options.image_data = value == "inline" ? "inline" : "files";
  return "";
}

std::string set_mode(Options& options, const std::string& value) {
  options.job_options.mode = value;
  return value == "clean" || value == "grounded" ? "" : "not one of clean, grounded";
}

std::string set_tables(Options& options, const std::string& value) {
  options.job_options.tables = value;
  return value == "pipe" || value == "html" ? "" : "not one of pipe, html";
}

std::string set_chunk_tokens(Options& options, const std::string& value) {
  uint32_t number = 0;
  if (!parse_number(value, number) || number < 16 || number > 100'000)
    return "not a number of tokens from 16 to 100000";
  options.job_options.chunk_tokens = number;
  return "";
}

std::string set_separator(Options& options, const std::string& value) {
  for (const auto& [word, text] : {std::pair{"number", "----- Page {page} -----"},
                                   std::pair{"form-feed", "\f"}, std::pair{"none", ""}}) {
    if (value == word) return options.job_options.page_separator = text, "";
  }
  std::optional<std::string> text = unescape(value);
  if (!text) return "unknown escape; known are \\n, \\t, \\f and \\\\";
  options.job_options.page_separator = well_formed(*text);
  return "";
}

std::string set_workers(Options& options, const std::string& value) {
  if (!parse_number(value, options.workers) || options.workers == 0) {
    return "not a number of workers, 1 or more";
  }
  return "";
}

std::string set_states(Options& options, const std::string& value) {
  std::optional<unsigned> states = parse_job_states(value);
  if (!states) {
    return "not a list of queued, running, held, done, failed, cancelled, completed, "
           "not-completed, all";
  }
  options.states = *states;
  return "";
}

std::string set_lines(Options& options, const std::string& value) {
  uint32_t number = 0;
  if (!parse_number(value, number)) return "not a number of lines";
  options.lines = number;
  return "";
}

std::string set_quiet(Options& options, const std::string&) {
  options.quiet = true;
  return "";
}

std::string choose(std::string& field, const std::string& value) {
  if (value != "auto" && value != "always" && value != "never") {
    return "not one of auto, always, never";
  }
  field = value;
  return "";
}

const OptionSpec kOptions[] = {
    {"socket", 0, true, kEvery,
     [](Options& o, const std::string& v) -> std::string {
       o.socket = v;
       return v.empty() ? "empty path" : "";
     }},
    {"json", 0, false, kEvery,
     [](Options& o, const std::string&) { return o.json = true, std::string(); }},
    {"quiet", 'q', false, kEvery & ~bit(Command::kSubmit), set_quiet},
    {"quiet", 0, false, bit(Command::kSubmit), set_quiet},
    {"verbose", 'v', false, kEvery,
     [](Options& o, const std::string&) { return o.verbose = true, std::string(); }},
    {"output", 0, true, kSending | kWriting, set_outputs},
    {"out", 'o', true, kWriting | bit(Command::kBugReport),
     [](Options& o, const std::string& v) -> std::string {
       o.output_path = v;
       return v.empty() ? "empty path" : "";
     }},
    {"jobs", 'j', true, kConvertOnly, set_jobs},
    {"recursive", 'r', false, kConvertOnly,
     [](Options& o, const std::string&) { return o.recursive = o.batch = true, std::string(); }},
    {"flat", 0, false, kConvertOnly,
     [](Options& o, const std::string&) { return o.flat = o.batch = true, std::string(); }},
    {"force", 'f', false, kConvertOnly,
     [](Options& o, const std::string&) { return o.force = o.batch = true, std::string(); }},
    {"log", 0, false, kConvertOnly,
     [](Options& o, const std::string&) { return o.keep_log = o.batch = true, std::string(); }},
    {"files-from", 0, true, kConvertOnly,
     [](Options& o, const std::string& v) -> std::string {
       o.files_from = v;
       o.batch = true;
       return v.empty() ? "empty path" : "";
     }},
    {"shard", 0, true, kConvertOnly,
     [](Options& o, const std::string& v) { return o.batch = true, set_shard(o, v); }},
    {"retries", 0, true, kConvertOnly, set_retries},
    {"no-start", 0, false, kConvertOnly,
     [](Options& o, const std::string&) { return o.start = false, std::string(); }},
    {"patience", 0, true, kSending, set_patience},
    {"wait", 'w', false, bit(Command::kSubmit),
     [](Options& o, const std::string&) { return o.wait_for_end = true, std::string(); }},
    {"priority", 'p', true, kSending, set_priority},
    {"priority", 'q', true, bit(Command::kSubmit), set_priority},  // as lp has it
    {"workers", 0, true, kSending, set_workers},
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
    {"password-file", 0, true, kSending | bit(Command::kRetry),
     [](Options& o, const std::string& v) -> std::string {
       o.password_file = v;
       return v.empty() ? "empty path" : "";
     }},
    {"all", 'a', false, kChoosing,
     [](Options& o, const std::string&) { return o.all_jobs = true, std::string(); }},
    {"user", 'u', true, kChoosing | bit(Command::kStatus),
     [](Options& o, const std::string& v) -> std::string {
       o.user = v;
       return v.empty() ? "empty name" : "";
     }},
    {"state", 'W', true, kChoosing | bit(Command::kStatus), set_states},
    {"purge", 'x', false, bit(Command::kCancel),
     [](Options& o, const std::string&) { return o.purge = true, std::string(); }},
    {"watch", 'w', false, bit(Command::kStatus),
     [](Options& o, const std::string&) { return o.refresh = true, std::string(); }},
    {"follow", 'f', false, bit(Command::kLogs),
     [](Options& o, const std::string&) { return o.follow = true, std::string(); }},
    {"lines", 'n', true, bit(Command::kLogs), set_lines},
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
    {"images", 0, true, kSending, set_images},
    {"mode", 0, true, kSending, set_mode},
    {"tables", 0, true, kSending, set_tables},
    {"chunk-tokens", 0, true, kSending, set_chunk_tokens},
    {"page-separator", 0, true, kSending, set_separator},
    {"blank-pages", 0, true, kSending,
     [](Options& o, const std::string& v) -> std::string {
       o.job_options.blank_pages = v;
       bool known = v == "comment" || v == "text" || v == "none";
       return known ? "" : "not one of comment, text, none";
     }},
    {"ocr", 0, true, kSending,
     [](Options& o, const std::string& v) { return choose(o.job_options.ocr, v); }},
    {"with-content", 0, false, bit(Command::kBugReport),
     [](Options& o, const std::string&) { return o.with_content = true, std::string(); }},
    {"live", 0, false, bit(Command::kHealth),
     [](Options& o, const std::string&) { return o.live = true, std::string(); }},
    {"ready", 0, false, bit(Command::kHealth),
     [](Options& o, const std::string&) { return o.ready = true, std::string(); }},
    {"layout", 0, true, kSending,
     [](Options& o, const std::string& v) { return choose(o.job_options.layout, v); }},
};

}  // namespace

std::span<const OptionSpec> all_options() {
  return kOptions;
}

const OptionSpec* find_option(const std::string& name, char letter, Command command) {
  const OptionSpec* of_others = nullptr;
  for (const OptionSpec& spec : kOptions) {
    if (letter != 0 ? spec.letter != letter : spec.name != name) continue;
    if ((spec.commands & bit(command)) != 0) return &spec;
    of_others = &spec;
  }
  return of_others;
}

std::string set_priority(Options& options, const std::string& value) {
  uint32_t number = 0;
  bool fits = parse_number(value, number) && number >= proto::kLowestPriority &&
              number <= proto::kHighestPriority;
  if (!fits) return "not a priority from 1 to 100";
  options.priority = number;
  return "";
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
