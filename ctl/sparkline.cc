#include "ctl/sparkline.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::ctl {
namespace {

constexpr const char* kBars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* kAsciiBars[] = {" ", "_", ".", ",", "-", "=", "+", "*", "#"};
constexpr size_t kLevels = 8;

}  // namespace

std::string sparkline(const std::deque<double>& values, size_t columns, bool unicode) {
  const size_t count = std::min(columns, values.size());
  const auto first = values.end() - static_cast<std::ptrdiff_t>(count);
  double highest = 0;
  for (auto at = first; at != values.end(); ++at) highest = std::max(highest, *at);
  std::string out(columns - count, ' ');
  for (auto at = first; at != values.end(); ++at) {
    const double share = highest > 0 ? std::max(*at, 0.0) / highest : 0;
    // Whatever is not nothing can be seen.
    const size_t level = static_cast<size_t>(std::ceil(share * kLevels));
    out += (unicode ? kBars : kAsciiBars)[std::min(level, kLevels)];
  }
  return out;
}

}  // namespace pdf2md::ctl
