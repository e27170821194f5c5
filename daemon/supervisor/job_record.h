// What the journal knows about a job and its pages. The fields' names are those in the file: they
// may be added to, never given another meaning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/messages.h"

namespace pdf2md::supervisor {

struct JobRecord {
  uint64_t id = 0;
  uint32_t uid = 0;
  proto::JobOptions options;  // without passwords: those lie in the job's folder
  uint64_t document_bytes = 0;
  proto::JobState state = proto::JobState::kQueued;
  std::string pages;  // those to convert, as page ranges; empty: not known yet
  uint32_t priority = 50;
  uint32_t max_workers = 0;
  bool held = false;
  uint32_t stage_failures = 0;
  bool stage_suspect = false;
  uint32_t retries = 0;
  int64_t submitted_unix_ms = 0;
  int64_t started_unix_ms = 0;
  int64_t finished_unix_ms = 0;
  uint64_t answered_from = 0;
  std::string cache_key;  // hex; empty: neither asks the cache nor feeds it
  // Of a job that is over:
  uint32_t pages_total = 0;
  uint32_t pages_done = 0;
  std::vector<uint32_t> pages_failed;
  std::vector<uint32_t> pages_degraded;
  uint16_t error_code = 0;
  std::string error;
  std::string hint;
  std::vector<proto::OutputInfo> outputs;
  template <class A>
  void fields(A& a) {
    a("id", id);
    a("uid", uid);
    a("options", options);
    a("document_bytes", document_bytes);
    a("state", state);
    a("pages", pages);
    a("priority", priority);
    a("max_workers", max_workers);
    a("held", held);
    a("stage_failures", stage_failures);
    a("stage_suspect", stage_suspect);
    a("retries", retries);
    a("submitted_unix_ms", submitted_unix_ms);
    a("started_unix_ms", started_unix_ms);
    a("finished_unix_ms", finished_unix_ms);
    a("answered_from", answered_from);
    a("cache_key", cache_key);
    a("pages_total", pages_total);
    a("pages_done", pages_done);
    a("pages_failed", pages_failed);
    a("pages_degraded", pages_degraded);
    a("error_code", error_code);
    a("error", error);
    a("hint", hint);
    a("outputs", outputs);
  }
  bool over() const { return state >= proto::JobState::kDone; }
};

// A page of which more is known than that it has to be done.
struct PageMark {
  uint64_t job = 0;
  uint32_t page = 0;
  bool done = false;
  uint8_t status = 0;  // document::PageStatus, of one that is done
  bool suspect = false;
  uint8_t deaths = 0;  // of workers that had nothing else
};

}  // namespace pdf2md::supervisor
