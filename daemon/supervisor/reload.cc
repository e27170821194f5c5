#include "daemon/supervisor/reload.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

constexpr std::string_view kWholeSections[] = {"supervision", "recycle", "metrics"};
constexpr std::string_view kAtOnce[] = {
    "workers",
    "spare_workers",
    "idle_exit_s",
    "socket.max_clients",
    "socket.buffer_mib",
    "socket.upload_idle_s",
    "limits.max_document_mib",
    "limits.job_timeout_s",
    "queue.max_jobs",
    "queue.max_mib",
    "queue.max_jobs_per_owner",
    "queue.min_free_mib",
    "queue.pages_per_task",
    "queue.retry_after_s",
    "retention.max_jobs",
    "retention.max_mib",
    "retention.max_age_s",
    "log.level",
};
constexpr std::string_view kByWorkers[] = {
    "device",
    "threads",
    "readers",
    "model_dir",
    "worker_program",
    "reader_program",
    "script_reader_program",
    "ocr_dpi",
    "ocr_scripts",
    "debug_launch_blocking",
    "limits.max_pages",
    "limits.max_page_side_pt",
    "limits.max_pixels",
    "limits.max_page_objects",
    "limits.page_timeout_s",
    "limits.reader_memory_mib",
};

template <size_t N>
bool holds(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

const char* name(ReloadEffect effect) {
  switch (effect) {
    case ReloadEffect::kNow:
      return "now";
    case ReloadEffect::kWorkers:
      return "workers";
    case ReloadEffect::kRestart:
      return "restart";
  }
  return "restart";
}

ReloadEffect effect_of(const Key& key) {
  std::string full = key.full_name();
  if (holds(kByWorkers, full)) return ReloadEffect::kWorkers;
  if (holds(kAtOnce, full) || holds(kWholeSections, key.section)) return ReloadEffect::kNow;
  return ReloadEffect::kRestart;
}

std::vector<ConfigChange> changes_between(const Config& running, const Config& wanted) {
  Config before = running, after = wanted;  // a key's place is found in what can be written
  std::vector<ConfigChange> changes;
  for (const Key& key : all_keys()) {
    ConfigChange change{&key, key.print(before), key.print(after), effect_of(key)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

Config merge(const Config& running, const Config& wanted,
             const std::vector<ConfigChange>& changes) {
  Config merged = running, from = wanted;
  for (const ConfigChange& change : changes) {
    if (change.effect != ReloadEffect::kRestart) change.key->copy(from, merged);
  }
  return merged;
}

}  // namespace pdf2md::supervisor
