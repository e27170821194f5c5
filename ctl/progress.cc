#include "ctl/progress.h"

#include <algorithm>
#include <cmath>

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr size_t kLeastColumnsForBar = 50;
constexpr size_t kLongestBar = 30;

struct Sums {
  uint64_t done = 0;  // pages
  double share = 0;   // of all that is to be done
  std::string note;
};

Sums sums_of(const Progress& progress) {
  Sums sums;
  sums.done = progress.done_finished;
  double documents = static_cast<double>(progress.finished);
  for (const auto& [number, entry] : progress.active) {
    sums.done += entry.done;
    if (entry.total > 0) {
      documents +=
          static_cast<double>(std::min(entry.done, entry.total)) / static_cast<double>(entry.total);
    }
    if (sums.note.empty()) sums.note = entry.note;
  }
  if (progress.documents > 0) sums.share = documents / static_cast<double>(progress.documents);
  return sums;
}

std::string amount_of(const Progress& progress, const Sums& sums) {
  bool bytes = progress.unit == ProgressUnit::kBytes;
  if (progress.documents > 1) {
    return std::to_string(progress.finished) + "/" + count_of(progress.documents, "document") +
           ", " + count_of(sums.done, "page");
  }
  if (progress.active.empty()) return "";
  const Progress::Entry& only = progress.active.begin()->second;
  if (only.total == 0) return "";
  if (bytes) return format_bytes(only.done) + " of " + format_bytes(only.total);
  return std::to_string(only.done) + "/" + count_of(only.total, "page");
}

std::string rate_and_time_left(const Progress& progress, const Sums& sums) {
  if (progress.seconds <= 0 || sums.done <= progress.done_before) return "";
  double rate = static_cast<double>(sums.done - progress.done_before) / progress.seconds;
  bool bytes = progress.unit == ProgressUnit::kBytes;
  std::string text = ", ";
  text +=
      bytes ? format_bytes(static_cast<uint64_t>(rate)) + "/s" : format_decimal(rate) + " pages/s";
  // Of one document the pages are known; of many, how far one is, is what has been taken so far.
  double left_s = 0;
  if (progress.documents > 1) {
    if (progress.finished == 0) return text;
    left_s = progress.seconds * (1 - sums.share) / sums.share;
  } else {
    const Progress::Entry& only = progress.active.begin()->second;
    if (only.total > only.done) left_s = static_cast<double>(only.total - only.done) / rate;
  }
  if (left_s > 0) text += ", " + format_duration_ms(std::llround(left_s * 1000)) + " left";
  return text;
}

}  // namespace

std::string progress_bar(double share, size_t columns) {
  if (columns < 3) return "";
  size_t room = columns - 2;
  size_t full = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(room));
  std::string bar(full, '=');
  if (full > 0 && full < room) bar.back() = '>';
  return "[" + bar + std::string(room - full, ' ') + "]";
}

std::string progress_line(const Progress& progress, size_t columns) {
  if (progress.active.empty() && progress.documents <= 1) return "";
  Sums sums = sums_of(progress);
  std::string amount = amount_of(progress, sums);
  std::string line;
  if (progress.documents <= 1)
    line = cut_to_width(progress.active.begin()->second.label, columns / 3) + ": ";
  if (!amount.empty()) {
    size_t width = std::min(columns / 4, kLongestBar);
    if (columns >= kLeastColumnsForBar) line += progress_bar(sums.share, width) + " ";
    line += amount + rate_and_time_left(progress, sums);
  }
  if (!sums.note.empty()) line += (amount.empty() ? "" : ", ") + sums.note;
  return cut_to_width(line, columns);
}

}  // namespace pdf2md::ctl
