// When a worker that works well is replaced all the same: programs of this kind grow with every
// document. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace pdf2md::supervisor {

// 0 in a limit: none.
struct RecycleSettings {
  uint32_t max_jobs = 100;  // a job counts for each worker that did a page of it
  uint32_t max_pages = 2000;
  double jitter = 0.2;  // of both, so that workers started together are not replaced together
  int64_t min_lifetime_ms = 300'000;  // nothing is replaced sooner after READY
  uint64_t max_rss_bytes = 0;
  uint64_t max_rss_growth_bytes = 2048ull << 20;  // since the kSettledPages-th page
  uint64_t max_vram_bytes = 0;
  bool warm = true;   // the next one is made ready before this one goes
  uint64_t seed = 0;  // of the jitter
};

// Caches and buffers have their size after so many pages; what comes on top is growth.
constexpr uint32_t kSettledPages = 32;

// What one process has done since READY, and what it holds.
struct LifeTally {
  uint32_t slot = 0;
  uint32_t life = 0;  // of this slot, from 1
  int64_t ready_ms = 0;
  uint32_t jobs = 0;
  uint32_t pages = 0;
  uint64_t rss_bytes = 0;          // 0: not known yet
  uint64_t settled_rss_bytes = 0;  // after kSettledPages; 0: not there yet
  uint64_t vram_bytes = 0;
};

// The limit of one life: `limit` with its jitter, the same for the same seed, slot and life; at
// least 1.
uint32_t jittered(uint32_t limit, const RecycleSettings& settings, uint32_t slot, uint32_t life);

// Why this worker is due for replacement ("97 jobs (recycle.max_jobs)"); "" if it is not.
std::string why_recycle(const LifeTally& tally, const RecycleSettings& settings, int64_t now_ms);

}  // namespace pdf2md::supervisor
