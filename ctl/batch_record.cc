#include "ctl/batch_record.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "ctl/file_output.h"
#include "ctl/job_json.h"
#include "ctl/json_read.h"
#include "ctl/output_plan.h"
#include "ctl/text.h"
#include "proto/fd.h"
#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kWriteEvery{1000};
constexpr int kWriteShare = 20;  // of the time, writing takes a twentieth at most
constexpr size_t kMaxRecordBytes = 1 << 30;
constexpr const char* kName = "results";

std::string utc_now() {
  time_t now = ::time(nullptr);
  struct tm utc {};
  ::gmtime_r(&now, &utc);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return buffer;
}

// Names need not be UTF-8, JSON is: where it cannot hold the bytes, they follow percent-encoded.
void write_path(JsonWriter& json, const std::string& key, const std::string& path) {
  json.field(key, path);
  if (well_formed(path) != path) json.field(key + "_encoded", percent_encoded(path));
}

std::string read_path(const JsonValue& json, const std::string& key) {
  std::string encoded = json.string(key + "_encoded");
  return encoded.empty() ? json.string(key) : percent_decoded(encoded);
}

std::string json_of(const BatchResult& result) {
  JsonWriter json;
  json.begin_object();
  write_path(json, "document", result.document);
  write_path(json, "name", result.stem);
  json.field("state", name(result.end)).field("time", utc_now());
  if (result.end != BatchEnd::kSkipped) {
    json.field("pages", result.pages)
        .numbers("pages_failed", result.pages_failed)
        .numbers("pages_degraded", result.pages_degraded)
        .field("seconds", static_cast<double>(result.wall_ms) / 1000)
        .field("attempts", result.attempts)
        .field("job", result.job);
  }
  json.key("files").begin_array();
  for (const std::string& file : result.files) json.value(file);
  json.end_array().key("error");
  if (result.error)
    write_json(json, *result.error);
  else
    json.null();
  return json.end_object().text();
}

EarlierRecord::Entry entry_of(const JsonValue& json, const std::string& file) {
  EarlierRecord::Entry entry;
  entry.file = file;
  entry.document = read_path(json, "document");
  entry.stem = read_path(json, "name");
  if (const JsonValue* files = json.find("files")) {
    for (const JsonValue& one : files->items) entry.files.push_back(one.text);
  }
  entry.json = to_text(json);
  return entry;
}

}  // namespace

const char* name(BatchEnd end) {
  static constexpr const char* kNames[] = {"converted", "partly", "failed", "skipped", "remains"};
  return kNames[static_cast<size_t>(end)];
}

void BatchCounts::add(const BatchResult& result) {
  switch (result.end) {
    case BatchEnd::kConverted:
      ++converted;
      break;
    case BatchEnd::kPartly:
      ++partly;
      break;
    case BatchEnd::kFailed:
      ++failed;
      break;
    case BatchEnd::kSkipped:
      ++skipped;
      break;
    case BatchEnd::kRemains:
      ++remaining;
      break;
  }
  if (result.attempts > 1) retries += result.attempts - 1;
  if (result.end != BatchEnd::kConverted && result.end != BatchEnd::kPartly) return;
  pages += result.pages;
  pages_failed += result.pages_failed.size();
  pages_degraded += result.pages_degraded.size();
}

double BatchCounts::pages_per_second() const {
  return wall_ms == 0 ? 0 : static_cast<double>(pages) * 1000 / static_cast<double>(wall_ms);
}

std::string record_file_name(const Shard& shard) {
  if (shard.count == 1) return std::string(kName) + ".json";
  return std::string(kName) + "-" + std::to_string(shard.number) + "-of-" +
         std::to_string(shard.count) + ".json";
}

bool is_record_name(const std::string& stem) {
  if (!stem.starts_with(kName)) return false;
  std::string rest = stem.substr(std::string(kName).size());
  if (rest.empty()) return true;
  size_t of = rest.find("-of-");
  return of != std::string::npos && of > 1 && rest[0] == '-' && of + 4 < rest.size() &&
         rest.find_first_not_of("-of0123456789") == std::string::npos;
}

EarlierRecord read_records(const std::string& folder, std::vector<std::string>& problems) {
  EarlierRecord record;
  DIR* stream = ::opendir(folder.c_str());
  if (stream == nullptr) return record;
  std::vector<std::string> names;
  while (const struct dirent* entry = ::readdir(stream)) {
    std::string file = entry->d_name;
    if (file.ends_with(".json") && is_record_name(without_extension(file))) names.push_back(file);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  for (const std::string& file : names) {
    Result<std::string> text = read_file(folder + "/" + file, kMaxRecordBytes);
    Result<JsonValue> json = text ? parse_json(*text) : Result<JsonValue>(text.error());
    const JsonValue* documents = json ? json->find("documents") : nullptr;
    if (documents == nullptr) {
      problems.push_back(printable(folder + "/" + file) + ": not read: " +
                         (json ? "it is no record of documents" : json.error().message));
      continue;
    }
    for (const JsonValue& item : documents->items) record.entries.push_back(entry_of(item, file));
  }
  return record;
}

BatchRecord::BatchRecord(const std::string& folder, const Shard& shard,
                         const EarlierRecord& earlier)
    : path_(folder + "/" + record_file_name(shard)), begun_(utc_now()) {
  for (const EarlierRecord::Entry& entry : earlier.entries) {
    if (entry.file != record_file_name(shard)) continue;
    entries_[entry.document] = entry.json;
    if (!entry.stem.empty()) documents_[entry.stem] = entry.document;
  }
}

Status BatchRecord::add(const BatchResult& result, const BatchCounts& counts) {
  std::lock_guard lock(mutex_);
  // What an earlier run knows of it says more than that it was passed over now.
  bool known = entries_.count(result.document) != 0;
  if (result.end == BatchEnd::kRemains || (result.end == BatchEnd::kSkipped && known)) return Ok{};
  entries_[result.document] = json_of(result);
  if (!result.stem.empty()) {
    std::string& owner = documents_[result.stem];
    if (!owner.empty() && owner != result.document) entries_.erase(owner);
    owner = result.document;
  }
  return Clock::now() < due_ ? Ok{} : write_locked(counts, "running");
}

Status BatchRecord::write(const BatchCounts& counts, BatchState state) {
  std::lock_guard lock(mutex_);
  return write_locked(counts, state);
}

Status BatchRecord::write_locked(const BatchCounts& counts, BatchState state) {
  Clock::time_point start = Clock::now();
  JsonWriter json;
  json.begin_object()
      .field("version", kVersion)
      .field("state", state)
      .field("begun", begun_)
      .field("updated", utc_now())
      .field("total", counts.total)
      .field("processed", counts.processed())
      .field("successful", counts.converted + counts.partly)
      .field("partly", counts.partly)
      .field("failed", counts.failed)
      .field("skipped", counts.skipped)
      .field("remaining", counts.total - counts.processed())
      .field("pages", counts.pages)
      .field("pages_failed", counts.pages_failed)
      .field("pages_degraded", counts.pages_degraded)
      .field("seconds", static_cast<double>(counts.wall_ms) / 1000)
      .field("pages_per_second", counts.pages_per_second())
      .field("retries", counts.retries)
      .key("cleaned_away")
      .begin_object()
      .field("temporaries", counts.temporaries_removed)
      .end_object();
  std::string text = json.key("documents").begin_array().text();
  // A line each: people look into it, and compare it.
  const char* before = "\n";
  for (const auto& [document, entry] : entries_) {
    text += before + entry;
    before = ",\n";
  }
  text += "\n]}\n";
  FileSet file(no_inputs_);
  Status written = file.begin(path_);
  if (written) written = file.write(text);
  if (written) written = file.commit();
  Clock::duration took = Clock::now() - start;
  due_ = Clock::now() + std::max<Clock::duration>(kWriteEvery, took * kWriteShare);
  return written;
}

}  // namespace pdf2md::ctl
