// Client ↔ supervisor: what the spool holds (pdf2mdctl spool).
#pragma once

#include "proto/messages.h"

namespace pdf2md::proto {

// Answer: SPOOL_REPORT. Totals are of the whole spool; the list is of the caller's own jobs, and
// for administrators of everybody's.
struct SpoolRequest {
  static constexpr uint16_t kType = kSpool;
  template <class A>
  void fields(A&) {}
};

struct SpooledJob {
  uint64_t id = 0;
  std::string name;
  JobState state = JobState::kQueued;
  uint64_t bytes = 0;  // on disk; of an unfinished job: its document
  int64_t finished_unix_ms = 0;
  template <class A>
  void fields(A& a) {
    a("id", id);
    a("name", name);
    a("state", state);
    a("bytes", bytes);
    a("finished_unix_ms", finished_unix_ms);
  }
};

struct SpoolReport {
  static constexpr uint16_t kType = kSpoolReport;
  std::string state_dir;
  uint64_t free_bytes = 0;        // on its disk
  uint64_t min_free_bytes = 0;    // queue.min_free_mib
  uint64_t unfinished_jobs = 0;   // uploads under way included
  uint64_t unfinished_bytes = 0;  // of their documents
  uint64_t finished_jobs = 0;
  uint64_t finished_bytes = 0;      // on disk: results, and documents of failed jobs
  uint64_t max_finished_jobs = 0;   // retention.max_jobs
  uint64_t max_finished_bytes = 0;  // retention.max_mib
  int64_t max_age_ms = 0;           // retention.max_age_s
  std::string journal_problem;      // why it cannot be written; empty: it can
  std::vector<SpooledJob> jobs;     // the largest ones first
  uint32_t omitted = 0;             // smaller ones that did not fit into the frame
  template <class A>
  void fields(A& a) {
    a("state_dir", state_dir);
    a("free_bytes", free_bytes);
    a("min_free_bytes", min_free_bytes);
    a("unfinished_jobs", unfinished_jobs);
    a("unfinished_bytes", unfinished_bytes);
    a("finished_jobs", finished_jobs);
    a("finished_bytes", finished_bytes);
    a("max_finished_jobs", max_finished_jobs);
    a("max_finished_bytes", max_finished_bytes);
    a("max_age_ms", max_age_ms);
    a("journal_problem", journal_problem);
    a("jobs", jobs);
    a("omitted", omitted);
  }
};

}  // namespace pdf2md::proto
