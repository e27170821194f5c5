#include "daemon/supervisor/job.h"

#include <algorithm>

#include "proto/page_ranges.h"

namespace pdf2md::supervisor {

namespace {

constexpr uint32_t kMaxPage = 1'000'000;  // a damaged record must not cost all memory

}  // namespace

bool Job::has_work(bool allow_alone) const {
  if (held) return false;
  switch (stage) {
    case Stage::kProbe:
    case Stage::kAssemble:
      return !stage_out && (allow_alone || !stage_suspect);
    case Stage::kPages:
      return (max_workers == 0 || ranges_out < max_workers) && pages.has_work(allow_alone);
    case Stage::kOver:
      return false;
  }
  return false;
}

proto::JobInfo Job::info() const {
  proto::JobInfo info;
  info.id = id;
  info.name = options.name;
  info.uid = uid;
  info.state = state;
  info.priority = priority;
  info.held = held;
  info.document_bytes = document_bytes;
  info.pages_total = pages.total();
  info.pages_done = pages.done();
  info.pages_failed = pages.failed();
  info.pages_degraded = pages.degraded();
  info.attempts = pages.retries();
  info.answered_from = answered_from;
  info.submitted_unix_ms = submitted_unix_ms;
  info.started_unix_ms = started_unix_ms;
  info.finished_unix_ms = finished_unix_ms;
  if (state == proto::JobState::kFailed) {
    info.error_code = static_cast<uint16_t>(error.code);
    info.error = error.message;
    info.hint = error.hint;
  }
  info.outputs = outputs;
  return info;
}

JobRecord Job::record() const {
  JobRecord record;
  record.id = id;
  record.uid = uid;
  record.options = options;
  record.options.passwords = {};
  record.document_bytes = document_bytes;
  record.state = state;
  record.pages = proto::to_text(pages.pages());
  record.priority = priority;
  record.max_workers = max_workers;
  record.held = held;
  record.stage_failures = stage_failures;
  record.stage_suspect = stage_suspect;
  record.retries = pages.retries();
  record.submitted_unix_ms = submitted_unix_ms;
  record.started_unix_ms = started_unix_ms;
  record.finished_unix_ms = finished_unix_ms;
  record.answered_from = answered_from;
  record.cache_key = cache_key;
  record.pages_total = pages.total();
  record.pages_done = pages.done();
  if (over()) {
    record.pages_failed = pages.failed();
    record.pages_degraded = pages.degraded();
    record.error_code = static_cast<uint16_t>(error.code);
    record.error = error.message;
    record.hint = error.hint;
    record.outputs = outputs;
  }
  return record;
}

Job Job::from(const JobRecord& record, std::span<const PageMark> marks) {
  Job job;
  job.id = record.id;
  job.uid = record.uid;
  job.options = record.options;
  job.document_bytes = record.document_bytes;
  job.stage_failures = record.stage_failures;
  job.stage_suspect = record.stage_suspect;
  job.priority = record.priority;
  job.max_workers = record.max_workers;
  job.held = record.held;
  job.submitted_unix_ms = record.submitted_unix_ms;
  job.started_unix_ms = record.started_unix_ms;
  job.finished_unix_ms = record.finished_unix_ms;
  job.answered_from = record.answered_from;
  job.cache_key = record.cache_key;
  job.state = record.state;
  if (record.over()) {
    job.stage = Stage::kOver;
    job.pages = PageLedger::of_finished_job(record);
    job.error = Error{static_cast<ErrorCode>(record.error_code), record.error, record.hint};
    job.outputs = record.outputs;
    return job;
  }
  Result<std::vector<proto::PageRange>> ranges = proto::parse_page_ranges(record.pages);
  if (record.pages.empty() || !ranges) return job;  // to be probed, maybe again
  uint32_t last = std::min(ranges->back().last, kMaxPage);
  job.pages = PageLedger(proto::select_pages(*ranges, last, 0), record.retries, marks);
  job.pages_handed_out = job.pages.done();
  job.stage = job.pages.complete() ? Stage::kAssemble : Stage::kPages;
  return job;
}

proto::Event Job::event(proto::EventKind kind) const {
  proto::Event event;
  event.job = id;
  event.kind = kind;
  event.state = state;
  event.held = held;
  event.pages_done = pages.done();
  event.pages_total = pages.total();
  event.pages_failed = static_cast<uint32_t>(pages.failed().size());
  if (kind == proto::EventKind::kState && state == proto::JobState::kFailed) {
    event.error_code = static_cast<uint16_t>(error.code);
    event.text = error.message;
    event.hint = error.hint;
  }
  return event;
}

}  // namespace pdf2md::supervisor
