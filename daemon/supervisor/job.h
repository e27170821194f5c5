// One job, from the moment its document is in the spool.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "daemon/supervisor/job_record.h"
#include "daemon/supervisor/page_ledger.h"
#include "proto/messages.h"

namespace pdf2md::supervisor {

// What a job needs next. Each stage is work for a worker; none of it is done here.
enum class Stage : uint8_t { kProbe, kPages, kAssemble, kOver };

struct Job {
  uint64_t id = 0;
  proto::JobOptions options;
  uint32_t uid = 0;
  uint64_t document_bytes = 0;
  bool attached = false;
  uint32_t priority = proto::kDefaultPriority;
  bool held = false;         // nothing more of it is handed out
  uint32_t max_workers = 0;  // at most so many ranges of its pages are out at a time; 0: any number
  uint32_t ranges_out = 0;
  std::string folder;

  Stage stage = Stage::kProbe;
  proto::JobState state = proto::JobState::kQueued;
  PageLedger pages;

  // kProbe and kAssemble are one task each.
  bool stage_out = false;       // with a worker
  bool stage_suspect = false;   // its worker died: tried again alone
  uint32_t stage_failures = 0;  // deaths alone, and errors that are nobody's fault

  uint64_t pages_handed_out = 0;  // decides its turn (turns.h)
  int64_t deadline_ms = 0;        // of the whole job, once it runs; 0 while it is held
  int64_t time_left_ms = 0;       // of a running job that is held
  int64_t submitted_unix_ms = 0;
  int64_t started_unix_ms = 0;
  int64_t finished_unix_ms = 0;
  int64_t finished_ms = 0;  // monotonic
  bool end_told = false;    // clients may know that it is over: the journal does
  Error error;              // with kFailed
  std::vector<proto::OutputInfo> outputs;

  std::string cache_key;       // result_cache.h; empty: none
  uint64_t answered_from = 0;  // the job whose results these are; 0: its own
  uint64_t kept_bytes = 0;     // what its folder takes, once it is over

  bool over() const { return stage == Stage::kOver; }
  // Something of it is to be handed out; without `allow_alone`: that needs no worker of its own.
  bool has_work(bool allow_alone) const;
  uint32_t pages_left() const { return pages.total() - pages.done(); }
  // All but what depends on other jobs: position and time left.
  proto::JobInfo info() const;
  // What the journal has to know of it, without its pages.
  JobRecord record() const;
  // As it stood when `record` was written; what a worker had in hand has to be done again.
  static Job from(const JobRecord& record, std::span<const PageMark> marks);
  // An event of this kind with what is always filled in.
  proto::Event event(proto::EventKind kind) const;
};

// A piece of work for one worker.
enum class TaskKind : uint8_t { kProbe, kConvert, kAssemble };

struct Task {
  uint64_t id = 0;
  uint64_t job = 0;
  TaskKind kind = TaskKind::kProbe;
  std::vector<uint32_t> pages;  // kConvert
  proto::Effort effort = proto::Effort::kFull;
  bool alone = false;  // has to be the only task of its worker
};

}  // namespace pdf2md::supervisor
