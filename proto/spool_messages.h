// Client ↔ supervisor: what the spool holds, and what is done with jobs that are over (pdf2mdctl spool,
// retry, rm).
#pragma once

#include "proto/messages.h"
#include "proto/page_route.h"

namespace pdf2md::proto {

// Answer: SPOOL_REPORT. Totals are of the whole spool; the list is of the caller's own jobs, and
// for administrators of everybody's.
struct SpoolRequest {
  static constexpr uint16_t kType = kSpool;
  template <class A>
  void fields(A&) {}
};

// A failed job once more: its document, kept for this, becomes a new job with the same options.
// Answer: ACCEPTED, with the number of the new job, or BUSY.
struct Retry {
  static constexpr uint16_t kType = kRetry;
  uint64_t job = 0;
  std::vector<std::string> passwords;  // those of the failed job are not kept
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("passwords", passwords);
  }
};

// A job that is over is forgotten, its results and its document with it. Answer: DONE.
struct Remove {
  static constexpr uint16_t kType = kRemove;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

// How a page was done. Answer: EXPLANATION.
struct Explain {
  static constexpr uint16_t kType = kExplain;
  uint64_t job = 0;
  uint32_t page = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("page", page);
  }
};

struct Explanation {
  static constexpr uint16_t kType = kExplanation;
  uint64_t job = 0;
  uint32_t page = 0;
  bool known = false;  // the page is done, and was so in the life of this daemon
  uint32_t slot = 0;   // of the worker that did it
  int32_t pid = 0;
  std::string device;
  uint32_t wall_ms = 0;
  int64_t finished_unix_ms = 0;
  uint8_t status = 0;               // document::PageStatus
  uint8_t effort = 0;               // Effort of worker_messages.h
  std::string note;                 // why it failed or was degraded
  std::vector<std::string> deaths;  // of workers that had it under way before
  PageRoute route;
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("page", page);
    a("known", known);
    a("slot", slot);
    a("pid", pid);
    a("device", device);
    a("wall_ms", wall_ms);
    a("finished_unix_ms", finished_unix_ms);
    a("status", status);
    a("effort", effort);
    a("note", note);
    a("deaths", deaths);
    a("route", route);
  }
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
