#include "daemon/supervisor/recycle.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::supervisor {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): one step mixes the bits well enough for this.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::string mebibytes(uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

uint32_t jittered(uint32_t limit, const RecycleSettings& settings, uint32_t slot, uint32_t life) {
  uint64_t bits = mix(mix(settings.seed) ^ (uint64_t{slot} << 32 | life));
  double unit = static_cast<double>(bits >> 11) / static_cast<double>(uint64_t{1} << 53);
  double factor = 1 + settings.jitter * (2 * unit - 1);
  return static_cast<uint32_t>(std::max(1.0, std::round(limit * factor)));
}

std::string why_recycle(const LifeTally& tally, const RecycleSettings& settings, int64_t now_ms) {
  if (now_ms - tally.ready_ms < settings.min_lifetime_ms) return "";
  auto reached = [&](uint32_t count, uint32_t limit) {
    return limit != 0 && count >= jittered(limit, settings, tally.slot, tally.life);
  };
  auto above = [](uint64_t bytes, uint64_t limit) { return limit != 0 && bytes > limit; };
  if (reached(tally.jobs, settings.max_jobs))
    return std::to_string(tally.jobs) + " jobs (recycle.max_jobs)";
  if (reached(tally.pages, settings.max_pages))
    return std::to_string(tally.pages) + " pages (recycle.max_pages)";
  if (above(tally.rss_bytes, settings.max_rss_bytes))
    return mebibytes(tally.rss_bytes) + " of memory (recycle.max_rss_mib)";
  if (above(tally.vram_bytes, settings.max_vram_bytes))
    return mebibytes(tally.vram_bytes) + " on its device (recycle.max_vram_mib)";
  bool grew = tally.settled_rss_bytes != 0 && tally.rss_bytes > tally.settled_rss_bytes;
  if (grew && above(tally.rss_bytes - tally.settled_rss_bytes, settings.max_rss_growth_bytes)) {
    return "grew by " + mebibytes(tally.rss_bytes - tally.settled_rss_bytes) +
           " (recycle.max_rss_growth_mib)";
  }
  return "";
}

}  // namespace pdf2md::supervisor
