// What a job may be asked for.
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "daemon/supervisor/client.h"
#include "proto/output_names.h"
#include "proto/page_ranges.h"

namespace pdf2md::supervisor {
namespace {

using Words = std::vector<std::string>;

constexpr size_t kMaxNameBytes = 4096;
constexpr size_t kMaxPasswords = 64;
const Words kModes = {"clean", "grounded"};
const Words kTables = {"pipe", "html"};
const Words kImageData = {"files", "inline"};
constexpr uint32_t kLeastChunkTokens = 16;
constexpr uint32_t kMostChunkTokens = 100'000;
const Words kWhen = {"auto", "always", "never"};
const Words kBlankPages = {"comment", "text", "none"};

bool is_one_of(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Words outputs() {
  Words names;
  for (const proto::OutputKind& kind : proto::output_kinds()) names.push_back(kind.name);
  return names;
}

Error bad_option(const std::string& what, const std::string& hint) {
  return Error{ErrorCode::kBadOptions, what, hint};
}

// "journal", the file that standard error leads to, or nothing.
std::string place_of_log(const Config& config) {
  if (config.log.format == "journal") return "journal";
  char path[PATH_MAX];
  ssize_t n = ::readlink("/proc/self/fd/2", path, sizeof path);
  bool file = n > 0 && n < static_cast<ssize_t>(sizeof path) && path[0] == '/' &&
              std::string_view(path, static_cast<size_t>(n)).substr(0, 5) != "/dev/";
  return file ? std::string(path, static_cast<size_t>(n)) : "";
}

}  // namespace

Status check_priority(uint32_t priority) {
  if (priority >= proto::kLowestPriority && priority <= proto::kHighestPriority) return Ok{};
  return bad_option("priority " + std::to_string(priority) + " is out of range", "1 to 100");
}

Status check_options(const proto::JobOptions& options) {
  if (options.name.size() > kMaxNameBytes)
    return bad_option("the name is longer than 4096 bytes", "");
  if (options.passwords.size() > kMaxPasswords) return bad_option("more than 64 passwords", "");
  if (options.outputs.empty())
    return bad_option("no output is asked for", "one or more of: " + proto::output_list());
  for (const std::string& output : options.outputs) {
    if (proto::find_output(output) == nullptr)
      return bad_option("there is no output \"" + output + "\"",
                        "one or more of: " + proto::output_list());
  }
  if (!is_one_of(options.ocr, kWhen)) {
    return bad_option("ocr \"" + options.ocr + "\" is not understood", "auto, always or never");
  }
  if (!is_one_of(options.layout, kWhen)) {
    return bad_option("layout \"" + options.layout + "\" is not understood",
                      "auto, always or never");
  }
  if (!is_one_of(options.blank_pages, kBlankPages)) {
    return bad_option("blank_pages \"" + options.blank_pages + "\" is not understood",
                      "comment, text or none");
  }
  if (!is_one_of(options.mode, kModes))
    return bad_option("mode \"" + options.mode + "\" is not understood", "clean or grounded");
  if (!is_one_of(options.tables, kTables))
    return bad_option("tables \"" + options.tables + "\" is not understood", "pipe or html");
  if (!is_one_of(options.image_data, kImageData))
    return bad_option("image_data \"" + options.image_data + "\" is not understood",
                      "files or inline");
  if (options.chunk_tokens < kLeastChunkTokens || options.chunk_tokens > kMostChunkTokens)
    return bad_option("chunk_tokens " + std::to_string(options.chunk_tokens) + " is out of range",
                      "16 to 100000");
  Result<std::vector<proto::PageRange>> ranges = proto::parse_page_ranges(options.pages);
  if (!ranges) return ranges.error();
  return Ok{};
}

proto::CapabilityList capabilities(const Config& config, bool admin) {
  proto::CapabilityList list;
  list.inputs = {"pdf", "epub", "png", "jpeg", "tiff", "webp"};
  list.outputs = outputs();
  list.ocr = list.layout = kWhen;
  list.blank_pages = kBlankPages;
  list.device = config.device;
  list.workers = config.workers;
  list.readers = config.readers;
  list.max_document_bytes = config.max_document_bytes;
  list.max_pages = config.limits.max_pages;
  list.page_timeout_ms = config.limits.page_timeout_ms;
  list.job_timeout_ms = config.job_timeout_ms;
  list.max_jobs = config.queue.max_jobs;
  list.max_jobs_per_owner = config.queue.max_jobs_per_owner;
  list.retention_ms = config.retention.max_age_ms;
  list.cache = config.queue.cache;
  list.admin = admin;
  list.log = place_of_log(config);
  return list;
}

}  // namespace pdf2md::supervisor
