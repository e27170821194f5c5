// The table of keys, and how a value gets into its place.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {
namespace {

using Unit = Key::Unit;

#define SLOT(member) [](Config& c) -> Key::Slot { return &c.member; }
constexpr double kDay = 86'400;

const std::vector<Key> kKeys = {
    {"", "workers", "PDF2MD_WORKERS", Unit::kNone, 0, 64, "", SLOT(workers),
     "Worker processes. 0: one for each GPU, or one on a machine without."},
    {"", "spare_workers", "PDF2MD_SPARE_WORKERS", Unit::kNone, 0, 64, "", SLOT(spare_workers),
     "Workers kept ready beside those: where one dies or is replaced, a spare takes over at once."},
    {"", "device", "PDF2MD_DEVICE", Unit::kNone, 0, 0, "device", SLOT(device),
     "auto (GPU if there is one), cpu, cuda (required, workers spread over the GPUs), or certain "
     "GPUs: cuda:0,2 or cuda:GPU-UUID,GPU-UUID."},
    {"", "threads", "PDF2MD_THREADS", Unit::kNone, 0, 1024, "", SLOT(threads),
     "CPU threads of the models in each worker. 0: an equal share of the CPUs."},
    {"", "readers", "PDF2MD_READERS", Unit::kNone, 0, 64, "", SLOT(readers),
     "Reader processes, and so pages under way, in each worker. 0: as many as threads, at most 8; "
     "on a GPU twice as many, at most 48."},
    {"", "model_dir", "PDF2MD_MODEL_DIR", Unit::kNone, 0, 0, "path", SLOT(model_dir),
     "Folder with manifest.toml and the weights."},
    {"", "state_dir", "PDF2MD_STATE_DIR", Unit::kNone, 0, 0, "path", SLOT(state_dir),
     "Folder of the spool; made (0700) if it is not there."},
    {"", "worker_program", "PDF2MD_WORKER_PROGRAM", Unit::kNone, 0, 0, "path", SLOT(worker_program),
     "The pdf2md-worker to run."},
    {"", "reader_program", "PDF2MD_READER_PROGRAM", Unit::kNone, 0, 0, "path", SLOT(reader_program),
     "The pdf2md-reader that workers run."},
    {"", "script_reader_program", "PDF2MD_SCRIPT_READER_PROGRAM", Unit::kNone, 0, 0, "path",
     SLOT(script_reader_program), "The pdf2md-script-reader that workers run."},
    {"", "ocr_dpi", "PDF2MD_OCR_DPI", Unit::kNone, 72, 600, "", SLOT(ocr_dpi),
     "Resolution of the raster that is read by OCR, in dots per inch."},
    {"", "ocr_scripts", "PDF2MD_OCR_SCRIPTS", Unit::kNone, 0, 0, "", SLOT(ocr_scripts),
     "Scripts that OCR reads by Tesseract besides Latin, Chinese and Japanese: auto (those whose "
     "data is installed), none, or names: Cyrillic,Greek,Arabic,Hebrew,Devanagari,Korean,Thai."},
    {"", "idle_exit_s", "PDF2MD_IDLE_EXIT_S", Unit::kSeconds, 0, kDay, "", SLOT(idle_exit_ms),
     "Leave after so many seconds without a client and without a job. 0: never."},
    {"", "debug_launch_blocking", "PDF2MD_DEBUG_LAUNCH_BLOCKING", Unit::kNone, -1, 63, "",
     SLOT(debug_launch_blocking),
     "Slot whose worker waits for each CUDA kernel, so that a fault names its place. -1: none."},

    {"socket", "path", "PDF2MD_SOCKET", Unit::kNone, 0, 0, "path", SLOT(socket.path),
     "The socket that clients connect to."},
    {"socket", "mode", "PDF2MD_SOCKET_MODE", Unit::kNone, 0, 0777, "octal", SLOT(socket.mode),
     "Its permissions, as an octal string."},
    {"socket", "group", "PDF2MD_SOCKET_GROUP", Unit::kNone, 0, 0, "", SLOT(socket.group),
     "Group that owns it. Empty: the daemon's own."},
    {"socket", "admin_group", "PDF2MD_SOCKET_ADMIN_GROUP", Unit::kNone, 0, 0, "",
     SLOT(socket.admin_group),
     "Members see and cancel the jobs of everybody, as root does. Empty: root and the daemon's "
     "user only."},
    {"socket", "max_clients", "PDF2MD_SOCKET_MAX_CLIENTS", Unit::kNone, 1, 100'000, "",
     SLOT(socket.max_clients), "Connections at a time; more wait in the kernel's backlog."},
    {"socket", "buffer_mib", "PDF2MD_SOCKET_BUFFER_MIB", Unit::kMebibytes, 0.0625, 64, "",
     SLOT(socket.buffer_bytes),
     "Unsent MiB above which a client is not read any more, until it has taken half."},
    {"socket", "upload_idle_s", "PDF2MD_SOCKET_UPLOAD_IDLE_S", Unit::kSeconds, 1, kDay, "",
     SLOT(socket.upload_idle_ms),
     "A client that sends nothing for so long in the middle of a document is disconnected."},

    {"limits", "max_document_mib", "PDF2MD_LIMITS_MAX_DOCUMENT_MIB", Unit::kMebibytes, 0.001,
     1 << 20, "", SLOT(max_document_bytes), "Size of one document."},
    {"limits", "max_pages", "PDF2MD_LIMITS_MAX_PAGES", Unit::kNone, 1, 100'000, "",
     SLOT(limits.max_pages), "Pages of one document."},
    {"limits", "max_page_side_pt", "PDF2MD_LIMITS_MAX_PAGE_SIDE_PT", Unit::kNone, 72, 1e6, "",
     SLOT(limits.max_page_side_pt), "Longer side of a page, in points (1/72 inch)."},
    {"limits", "max_pixels", "PDF2MD_LIMITS_MAX_PIXELS", Unit::kNone, 10'000, 1e9, "",
     SLOT(limits.max_pixels), "Pixels of one raster."},
    {"limits", "max_page_objects", "PDF2MD_LIMITS_MAX_PAGE_OBJECTS", Unit::kNone, 1000, 1e8, "",
     SLOT(limits.max_page_objects), "Glyphs, rules and images of one page together."},
    {"limits", "page_timeout_s", "PDF2MD_LIMITS_PAGE_TIMEOUT_S", Unit::kSeconds, 0.1, kDay, "",
     SLOT(limits.page_timeout_ms), "Time for one page."},
    {"limits", "job_timeout_s", "PDF2MD_LIMITS_JOB_TIMEOUT_S", Unit::kSeconds, 0.1, 7 * kDay, "",
     SLOT(job_timeout_ms),
     "Time for one document, from the start of work on it. A client can ask for less."},
    {"limits", "reader_memory_mib", "PDF2MD_LIMITS_READER_MEMORY_MIB", Unit::kMebibytes, 64,
     1 << 20, "", SLOT(limits.reader_memory_bytes),
     "Address space of one reader, above its program and the mapped document."},

    {"queue", "max_jobs", "PDF2MD_QUEUE_MAX_JOBS", Unit::kNone, 1, 1e6, "", SLOT(queue.max_jobs),
     "Unfinished jobs; further clients are told BUSY."},
    {"queue", "max_mib", "PDF2MD_QUEUE_MAX_MIB", Unit::kMebibytes, 0.001, 1 << 24, "",
     SLOT(queue.max_bytes), "Size of their documents together."},
    {"queue", "max_jobs_per_owner", "PDF2MD_QUEUE_MAX_JOBS_PER_OWNER", Unit::kNone, 0, 1e6, "",
     SLOT(queue.max_jobs_per_owner),
     "Unfinished jobs of one user; further ones are told BUSY. 0: no limit but max_jobs."},
    {"queue", "pages_per_task", "PDF2MD_QUEUE_PAGES_PER_TASK", Unit::kNone, 1, 1000, "",
     SLOT(queue.pages_per_task), "Pages that a worker is given at a time, at most."},
    {"queue", "retry_after_s", "PDF2MD_QUEUE_RETRY_AFTER_S", Unit::kSeconds, 0.01, 3600, "",
     SLOT(queue.retry_after_ms),
     "When a client that was told BUSY should try again, until the daemon knows how fast jobs "
     "end."},

    {"queue", "cache", "PDF2MD_QUEUE_CACHE", Unit::kNone, 0, 1, "", SLOT(queue.cache),
     "1: a document that was converted before, with the same options and by the same programs and "
     "models, is answered with the results that are kept. 0: never."},
    {"queue", "min_free_mib", "PDF2MD_QUEUE_MIN_FREE_MIB", Unit::kMebibytes, 0, 1 << 20, "",
     SLOT(queue.min_free_bytes),
     "Room that a new document has to leave on the disk of state_dir, for the pages under way."},

    {"retention", "max_jobs", "PDF2MD_RETENTION_MAX_JOBS", Unit::kNone, 0, 1e6, "",
     SLOT(retention.max_jobs), "Finished jobs whose results are kept."},
    {"retention", "max_age_s", "PDF2MD_RETENTION_MAX_AGE_S", Unit::kSeconds, 0, 365 * kDay, "",
     SLOT(retention.max_age_ms), "How long they are kept."},
    {"retention", "max_mib", "PDF2MD_RETENTION_MAX_MIB", Unit::kMebibytes, 0, 1 << 24, "",
     SLOT(retention.max_bytes),
     "What their folders may take on disk, documents of failed jobs included; the oldest go "
     "first."},

    {"supervision", "ready_timeout_s", "PDF2MD_SUPERVISION_READY_TIMEOUT_S", Unit::kSeconds, 0.1,
     3600, "", SLOT(supervision.ready_timeout_ms),
     "A worker that is not ready after so long is killed."},
    {"supervision", "backoff_min_s", "PDF2MD_SUPERVISION_BACKOFF_MIN_S", Unit::kSeconds, 0.001,
     3600, "", SLOT(supervision.backoff_min_ms),
     "Pause after a first fruitless life of a worker; doubles with each."},
    {"supervision", "backoff_max_s", "PDF2MD_SUPERVISION_BACKOFF_MAX_S", Unit::kSeconds, 0.001,
     3600, "", SLOT(supervision.backoff_max_ms), "The longest pause."},
    {"supervision", "breaker_deaths", "PDF2MD_SUPERVISION_BREAKER_DEATHS", Unit::kNone, 1, 1000, "",
     SLOT(supervision.breaker_deaths),
     "So many fruitless lives within the window: the worker counts as broken."},
    {"supervision", "breaker_window_s", "PDF2MD_SUPERVISION_BREAKER_WINDOW_S", Unit::kSeconds, 0.1,
     kDay, "", SLOT(supervision.breaker_window_ms), "The window."},
    {"supervision", "breaker_pause_s", "PDF2MD_SUPERVISION_BREAKER_PAUSE_S", Unit::kSeconds, 0.1,
     kDay, "", SLOT(supervision.breaker_pause_ms), "A broken worker is tried again after so long."},
    {"supervision", "canary_interval_s", "PDF2MD_SUPERVISION_CANARY_INTERVAL_S", Unit::kSeconds,
     0.01, 3600, "", SLOT(supervision.canary_interval_ms),
     "How often each worker has to prove that its device works."},
    {"supervision", "canary_timeout_s", "PDF2MD_SUPERVISION_CANARY_TIMEOUT_S", Unit::kSeconds, 0.01,
     3600, "", SLOT(supervision.canary_timeout_ms),
     "Without proof for the interval and this long, health says so."},
    {"supervision", "unresponsive_s", "PDF2MD_SUPERVISION_UNRESPONSIVE_S", Unit::kSeconds, 0.1,
     kDay, "", SLOT(supervision.unresponsive_ms),
     "Without proof for so long, the worker is killed."},
    {"supervision", "page_margin_s", "PDF2MD_SUPERVISION_PAGE_MARGIN_S", Unit::kSeconds, 0, 3600,
     "", SLOT(supervision.page_margin_ms),
     "A page that takes longer than its limit and this costs the worker its life."},
    {"supervision", "drain_s", "PDF2MD_SUPERVISION_DRAIN_S", Unit::kSeconds, 0.01, kDay, "",
     SLOT(supervision.drain_ms), "A worker that was asked to finish gets SIGTERM after so long."},
    {"supervision", "retire_s", "PDF2MD_SUPERVISION_RETIRE_S", Unit::kSeconds, 0.01, kDay, "",
     SLOT(supervision.retire_ms), "The same for a worker that is being replaced."},
    {"supervision", "term_s", "PDF2MD_SUPERVISION_TERM_S", Unit::kSeconds, 0.01, 3600, "",
     SLOT(supervision.term_ms), "And SIGKILL so long after SIGTERM."},
    {"supervision", "graceful_s", "PDF2MD_SUPERVISION_GRACEFUL_S", Unit::kSeconds, 0, kDay, "",
     SLOT(supervision.graceful_ms), "Time for pages under way when the daemon is asked to stop."},
    {"supervision", "max_attempts", "PDF2MD_SUPERVISION_MAX_ATTEMPTS", Unit::kNone, 1, 100, "",
     SLOT(supervision.max_attempts),
     "Attempts at opening or joining a document before its job fails."},
    {"supervision", "device_faults", "PDF2MD_SUPERVISION_DEVICE_FAULTS", Unit::kNone, 1, 1000, "",
     SLOT(supervision.device_faults),
     "So many workers in a row that die of their GPU put it out of service for breaker_pause_s."},

    {"recycle", "max_jobs", "PDF2MD_RECYCLE_MAX_JOBS", Unit::kNone, 0, 1e9, "",
     SLOT(recycle.max_jobs), "A worker that did pages of so many jobs is replaced. 0: never."},
    {"recycle", "max_pages", "PDF2MD_RECYCLE_MAX_PAGES", Unit::kNone, 0, 1e9, "",
     SLOT(recycle.max_pages), "One that did so many pages is replaced. 0: never."},
    {"recycle", "jitter", "PDF2MD_RECYCLE_JITTER", Unit::kNone, 0, 0.9, "", SLOT(recycle.jitter),
     "Part of both by which each life is longer or shorter."},
    {"recycle", "min_lifetime_s", "PDF2MD_RECYCLE_MIN_LIFETIME_S", Unit::kSeconds, 0, 365 * kDay,
     "", SLOT(recycle.min_lifetime_ms), "No worker is replaced before it was ready for so long."},
    {"recycle", "max_rss_mib", "PDF2MD_RECYCLE_MAX_RSS_MIB", Unit::kMebibytes, 0, 1 << 24, "",
     SLOT(recycle.max_rss_bytes), "One that holds more memory is replaced. 0: no limit."},
    {"recycle", "max_rss_growth_mib", "PDF2MD_RECYCLE_MAX_RSS_GROWTH_MIB", Unit::kMebibytes, 0,
     1 << 24, "", SLOT(recycle.max_rss_growth_bytes),
     "One that has grown by more since its 32nd page is replaced. 0: no limit."},
    {"recycle", "max_vram_mib", "PDF2MD_RECYCLE_MAX_VRAM_MIB", Unit::kMebibytes, 0, 1 << 24, "",
     SLOT(recycle.max_vram_bytes),
     "One that holds more memory of its GPU is replaced. 0: no limit."},
    {"recycle", "warm", "PDF2MD_RECYCLE_WARM", Unit::kNone, 0, 0, "", SLOT(recycle.warm),
     "Whether the next worker is made ready first; for a while there is one more. false: the old "
     "one "
     "finishes and leaves first."},
    {"recycle", "seed", "PDF2MD_RECYCLE_SEED", Unit::kNone, 0, 1e15, "", SLOT(recycle.seed),
     "Of the jitter: the same seed gives the same lives."},

    {"metrics", "textfile", "PDF2MD_METRICS_TEXTFILE", Unit::kNone, 0, 0, "",
     SLOT(metrics.textfile),
     "File that metrics are written to, for a collector that reads files. Empty: none."},
    {"metrics", "interval_s", "PDF2MD_METRICS_INTERVAL_S", Unit::kSeconds, 0.05, 3600, "",
     SLOT(metrics.interval_ms), "How often it is written."},

    {"log", "format", "PDF2MD_LOG_FORMAT", Unit::kNone, 0, 0, "auto|text|journal|json",
     SLOT(log.format),
     "Form of the log on standard error. auto: journal where that leads there, else text."},
    {"log", "level", "PDF2MD_LOG_LEVEL", Unit::kNone, 0, 0, "error|warning|info|debug",
     SLOT(log.level), "The least important lines that are written."},
};
#undef SLOT

double scale_of(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return 1000;
    case Unit::kMebibytes:
      return 1 << 20;
    case Unit::kNone:
      return 1;
  }
  return 1;
}

// The shortest decimal form; whole numbers without a point.
std::string number_text(double number) {
  char text[40];
  auto [end, error] = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  return std::string(text, end);
}

bool one_of(std::string_view word, std::string_view choices) {
  while (!choices.empty()) {
    size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == word) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

std::string choices_text(std::string_view choices) {
  std::string text(choices);
  for (size_t bar; (bar = text.find('|')) != std::string::npos;) text.replace(bar, 1, ", ");
  return text;
}

// A GPU's number, or its UUID as nvidia-smi -L prints it.
bool is_gpu(std::string_view text) {
  bool uuid = text.starts_with("GPU-") || text.starts_with("MIG-");
  std::string_view rest = uuid ? text.substr(4) : text;
  if (rest.empty() || rest.size() > (uuid ? 64u : 3u)) return false;
  return std::all_of(rest.begin(), rest.end(), [uuid](unsigned char c) {
    return (c >= '0' && c <= '9') || (uuid && ((c >= 'a' && c <= 'f') || c == '-'));
  });
}

bool is_device(std::string_view text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:")) return false;
  text.remove_prefix(5);
  for (;;) {
    size_t comma = text.find(',');
    if (!is_gpu(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::string assign_string(const Key& key, Config& config, const std::string& text) {
  if (text.find('\0') != std::string::npos || text.find('\n') != std::string::npos) {
    return "holds a line end or a zero byte";
  }
  if (key.syntax == "device" && !is_device(text)) {
    return "\"" + text + "\" is not a device (auto, cpu, cuda, cuda:N or a list of GPUs)";
  }
  if (key.syntax == "path" && text.empty()) return "is empty; a path is needed";
  if (key.syntax.find('|') != std::string_view::npos && !one_of(text, key.syntax)) {
    return "\"" + text + "\" is not one of " + choices_text(key.syntax);
  }
  *std::get<std::string*>(key.slot(config)) = text;
  return "";
}

std::string assign_octal(const Key& key, Config& config, const std::string& text) {
  uint32_t mode = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode > key.max) {
    return "\"" + text + "\" is not a file mode (an octal string such as \"0660\")";
  }
  *std::get<uint32_t*>(key.slot(config)) = mode;
  return "";
}

}  // namespace

std::string Key::full_name() const {
  return section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
}

std::string Key::assign(Config& config, const ConfigValue& value) const {
  Slot place = slot(config);
  bool textual = std::holds_alternative<std::string*>(place) || syntax == "octal";
  if (textual) {
    const std::string* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "is not a string (write it in quotes)";
    return syntax == "octal" ? assign_octal(*this, config, *text)
                             : assign_string(*this, config, *text);
  }
  if (bool** flag = std::get_if<bool*>(&place)) {
    const bool* truth = std::get_if<bool>(&value);
    if (truth == nullptr) return "is neither true nor false";
    **flag = *truth;
    return "";
  }
  double number = 0;
  bool whole = std::holds_alternative<int64_t>(value);
  if (whole) {
    number = static_cast<double>(std::get<int64_t>(value));
  } else if (const double* real = std::get_if<double>(&value)) {
    number = *real;
  } else {
    return "is not a number";
  }
  bool fraction_allowed = unit != Unit::kNone || std::holds_alternative<double*>(place);
  if (!fraction_allowed && !whole) return "is not a whole number";
  if (!(number >= min && number <= max)) {
    return number_text(number) + " is out of range (" + number_text(min) + " to " +
           number_text(max) + ")";
  }
  double scaled = number * scale_of(unit);
  std::visit(
      [scaled](auto* target) {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<T, double>)
          *target = scaled;
        else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
          *target = static_cast<T>(std::llround(scaled));
      },
      place);
  return "";
}

std::string Key::assign_text(Config& config, std::string_view text) const {
  Slot place = slot(config);
  bool textual = std::holds_alternative<std::string*>(place) || syntax == "octal";
  if (textual) return assign(config, std::string(text));
  if (std::holds_alternative<bool*>(place)) {
    if (text == "true" || text == "1") return assign(config, true);
    if (text == "false" || text == "0") return assign(config, false);
    return "\"" + std::string(text) + "\" is neither true nor false";
  }
  const char* end_of_text = text.data() + text.size();
  int64_t whole = 0;
  auto [end, error] = std::from_chars(text.data(), end_of_text, whole);
  if (error == std::errc() && end == end_of_text) return assign(config, whole);
  double real = 0;
  auto [real_end, real_error] = std::from_chars(text.data(), end_of_text, real);
  if (real_error == std::errc() && real_end == end_of_text) return assign(config, real);
  return "\"" + std::string(text) + "\" is not a number";
}

std::string Key::print(Config& config) const {
  Slot place = slot(config);
  if (syntax == "octal") {
    char text[16];
    std::snprintf(text, sizeof text, "\"%04o\"", *std::get<uint32_t*>(place));
    return text;
  }
  if (std::string** text = std::get_if<std::string*>(&place)) {
    std::string quoted = "\"";
    for (char c : **text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + "\"";
  }
  if (bool** flag = std::get_if<bool*>(&place)) return **flag ? "true" : "false";
  double scaled = std::visit(
      [](auto* target) -> double {
        if constexpr (std::is_same_v<decltype(target), std::string*>)
          return 0;
        else
          return static_cast<double>(*target);
      },
      place);
  return number_text(scaled / scale_of(unit));
}

void Key::copy(Config& from, Config& to) const {
  Slot target = slot(to);
  std::visit(
      [&target](auto* source) {
        *std::get<std::remove_cvref_t<decltype(source)>>(target) = *source;
      },
      slot(from));
}

const std::vector<Key>& all_keys() {
  return kKeys;
}

const Key* find_key(std::string_view full_name) {
  for (const Key& key : kKeys) {
    if (key.full_name() == full_name) return &key;
  }
  return nullptr;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    // Levenshtein's distance, one row at a time.
    std::vector<size_t> row(candidate.size() + 1);
    for (size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (size_t i = 1; i <= name.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t k = 1; k < row.size(); ++k) {
        size_t above = row[k];
        row[k] =
            std::min({above + 1, row[k - 1] + 1, diagonal + (name[i - 1] != candidate[k - 1])});
        diagonal = above;
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace pdf2md::supervisor
