#include "ctl/batch_summary.h"

#include <algorithm>
#include <cstdio>

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr size_t kMostListed = 20;

std::string per_page(uint64_t wall_ms, uint32_t pages) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f s/page", static_cast<double>(wall_ms) / 1000 / pages);
  return buffer;
}

std::string pages_text(const std::vector<uint32_t>& pages, const char* what) {
  if (pages.empty()) return "";
  return "; " + std::string(pages.size() == 1 ? "page " : "pages ") + format_pages(pages) + " " +
         what;
}

}  // namespace

std::string document_line(const BatchResult& result, uint64_t number, uint64_t count) {
  std::string line = "[" + std::to_string(number) + "/" + std::to_string(count) + "] ";
  if (result.end == BatchEnd::kFailed) return line + "failed: " + result.reason;
  line += result.label + ": " + count_of(result.pages, "page") + ", " +
          format_duration_ms(result.wall_ms);
  if (result.pages > 0) line += ", " + per_page(result.wall_ms, result.pages);
  if (result.attempts > 1) line += ", tried " + std::to_string(result.attempts) + " times";
  return line + pages_text(result.pages_failed, "failed") +
         pages_text(result.pages_degraded, "degraded");
}

std::string summary(const BatchCounts& counts, const std::vector<BatchResult>& failed,
                    const std::string& record_path) {
  std::string text = count_of(counts.total, "document") + ": " + std::to_string(counts.converted) +
                     " converted, " + std::to_string(counts.partly) + " partly, " +
                     std::to_string(counts.failed) + " failed, " + std::to_string(counts.skipped) +
                     " skipped (up to date)";
  uint64_t remaining = counts.total - counts.processed();
  if (remaining > 0) text += ", " + std::to_string(remaining) + " remain";
  text += "\n" + count_of(counts.pages, "page") + " in " + format_duration_ms(counts.wall_ms);
  if (counts.pages > 0) text += ", " + format_decimal(counts.pages_per_second()) + " pages/s";
  if (counts.pages_failed > 0) text += ", " + std::to_string(counts.pages_failed) + " failed";
  if (counts.pages_degraded > 0) text += ", " + std::to_string(counts.pages_degraded) + " degraded";
  if (counts.retries > 0) text += "; tried again: " + std::to_string(counts.retries);
  if (!failed.empty()) text += "\nfailed:";
  for (size_t i = 0; i < std::min(failed.size(), kMostListed); ++i)
    text += "\n  " + failed[i].reason;
  if (failed.size() > kMostListed)
    text += "\n  and " + std::to_string(failed.size() - kMostListed) + " more";
  return text + "\nrecord: " + printable(record_path);
}

}  // namespace pdf2md::ctl
