#include "daemon/supervisor/recycle.h"

#include <catch2/catch.hpp>
#include <set>

namespace pdf2md::supervisor {
namespace {

constexpr uint64_t kMebibyte = 1 << 20;

// Nothing but the one limit that a test sets.
RecycleSettings none() {
  RecycleSettings settings;
  settings.max_jobs = settings.max_pages = 0;
  settings.jitter = 0;
  settings.min_lifetime_ms = 0;
  settings.max_rss_growth_bytes = 0;
  return settings;
}

TEST_CASE("recycle: each limit for itself, and none at 0") {
  LifeTally tally;
  tally.jobs = 10;
  tally.pages = 50;
  tally.rss_bytes = 900 * kMebibyte;
  tally.settled_rss_bytes = 400 * kMebibyte;
  tally.vram_bytes = 700 * kMebibyte;
  CHECK(why_recycle(tally, none(), 1000) == "");
  RecycleSettings settings = none();
  settings.max_jobs = 11;
  CHECK(why_recycle(tally, settings, 1000) == "");
  settings.max_jobs = 10;
  CHECK(why_recycle(tally, settings, 1000) == "10 jobs (recycle.max_jobs)");
  settings = none();
  settings.max_pages = 50;
  CHECK(why_recycle(tally, settings, 1000) == "50 pages (recycle.max_pages)");
  settings = none();
  settings.max_rss_bytes = 800 * kMebibyte;
  CHECK(why_recycle(tally, settings, 1000) == "900 MiB of memory (recycle.max_rss_mib)");
  settings = none();
  settings.max_vram_bytes = 699 * kMebibyte;
  CHECK(why_recycle(tally, settings, 1000) == "700 MiB on its device (recycle.max_vram_mib)");
  settings = none();
  settings.max_rss_growth_bytes = 499 * kMebibyte;
  CHECK(why_recycle(tally, settings, 1000) == "grew by 500 MiB (recycle.max_rss_growth_mib)");
}

TEST_CASE("recycle: growth counts from the time when the caches are full, and shrinking is none") {
  RecycleSettings settings = none();
  settings.max_rss_growth_bytes = kMebibyte;
  LifeTally tally;
  tally.rss_bytes = 900 * kMebibyte;
  CHECK(why_recycle(tally, settings, 0) == "");
  tally.settled_rss_bytes = 1000 * kMebibyte;
  CHECK(why_recycle(tally, settings, 0) == "");
}

TEST_CASE("recycle: not before the minimum lifetime, which runs from READY") {
  RecycleSettings settings = none();
  settings.max_jobs = 1;
  settings.min_lifetime_ms = 1000;
  LifeTally tally;
  tally.ready_ms = 5000;
  tally.jobs = 100;
  CHECK(why_recycle(tally, settings, 5999) == "");
  CHECK(why_recycle(tally, settings, 6000) != "");
}

TEST_CASE(
    "recycle: the jitter stays in its bounds, differs by slot and life, and can be had again") {
  RecycleSettings settings;
  settings.jitter = 0.2;
  std::set<uint32_t> seen;
  for (uint32_t slot = 0; slot < 10; ++slot) {
    for (uint32_t life = 1; life < 20; ++life) {
      uint32_t limit = jittered(100, settings, slot, life);
      CHECK((limit >= 80 && limit <= 120));
      CHECK(limit == jittered(100, settings, slot, life));
      seen.insert(limit);
    }
  }
  CHECK(seen.size() > 30);
  CHECK(*seen.begin() < 85);
  CHECK(*seen.rbegin() > 115);
  RecycleSettings other = settings;
  other.seed = 7;
  bool differs = false;
  for (uint32_t life = 1; life < 20; ++life)
    differs = differs || jittered(100, settings, 0, life) != jittered(100, other, 0, life);
  CHECK(differs);
  settings.jitter = 0;
  CHECK(jittered(100, settings, 3, 4) == 100);
  settings.jitter = 0.9;
  for (uint32_t life = 1; life < 20; ++life) CHECK(jittered(1, settings, 0, life) >= 1);
}

}  // namespace
}  // namespace pdf2md::supervisor
