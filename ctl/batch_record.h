// OUT/results.json: what became of every document of a batch. It is kept current while the batch runs,
// serves people and programs, and tells the next run which result is whose.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ctl/batch_plan.h"
#include "ctl/input.h"

namespace pdf2md::ctl {

enum class BatchEnd { kConverted, kPartly, kFailed, kSkipped, kRemains };
const char* name(BatchEnd end);  // "converted", ...

// What became of one document.
struct BatchResult {
  std::string document;  // its path, as seen from the output folder
  std::string stem;      // of its results, below that
  std::string label;     // as people see it
  BatchEnd end = BatchEnd::kRemains;
  uint32_t pages = 0;
  std::vector<uint32_t> pages_failed;
  std::vector<uint32_t> pages_degraded;
  uint64_t wall_ms = 0;
  uint32_t attempts = 0;
  uint64_t job = 0;
  std::vector<std::string> files;  // written, below the output folder
  std::optional<Error> error;
  std::string reason;  // of a failure, for people
};

struct BatchCounts {
  uint64_t total = 0;
  uint64_t converted = 0, partly = 0, failed = 0, skipped = 0, remaining = 0;
  uint64_t pages = 0, pages_failed = 0, pages_degraded = 0;
  uint64_t retries = 0;              // tries after the first one
  uint64_t temporaries_removed = 0;  // left by a run that was killed
  uint64_t wall_ms = 0;

  void add(const BatchResult& result);
  uint64_t processed() const { return converted + partly + failed + skipped; }
  double pages_per_second() const;
};

// "running", "finished", "stopped" (by an interrupt) or "given up" (the daemon is gone).
using BatchState = const char*;

// results.json, or results-2-of-5.json of a part.
std::string record_file_name(const Shard& shard);
// A result of this name could be taken for a record.
bool is_record_name(const std::string& stem);

// What an earlier run has left: entries by document, as they stand there.
struct EarlierRecord {
  struct Entry {
    std::string file;  // the record that it is from
    std::string document;
    std::string stem;
    std::vector<std::string> files;
    std::string json;
  };
  std::vector<Entry> entries;
};
// Of all parts. Files that are none of ours, or damaged, are told in `problems`.
EarlierRecord read_records(const std::string& folder, std::vector<std::string>& problems);

// Safe to use from several threads. Carries on what the earlier record of the same name says of
// documents that are not in this run.
class BatchRecord {
 public:
  BatchRecord(const std::string& folder, const Shard& shard, const EarlierRecord& earlier);

  // Writes at once where the last time is long enough ago. Errors: of writing, told once.
  Status add(const BatchResult& result, const BatchCounts& counts);
  Status write(const BatchCounts& counts, BatchState state);

 private:
  Status write_locked(const BatchCounts& counts, BatchState state);

  std::string path_;
  std::string begun_;
  FileIds no_inputs_;
  std::mutex mutex_;
  std::map<std::string, std::string> entries_;    // document → JSON
  std::map<std::string, std::string> documents_;  // stem → document
  std::chrono::steady_clock::time_point due_;
};

}  // namespace pdf2md::ctl
