#include "proto/page_ranges.h"

#include <algorithm>
#include <charconv>

namespace pdf2md::proto {
namespace {

Error bad_range(const std::string& part) {
  return Error{ErrorCode::kBadOptions, "page range \"" + part + "\" is not understood",
               "give pages as in 3-7,12 or 5- or -3, counting from 1"};
}

bool parse_number(std::string_view text, uint32_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

}  // namespace

Result<std::vector<PageRange>> parse_page_ranges(const std::string& text) {
  std::vector<PageRange> ranges;
  if (text.empty()) return std::vector<PageRange>{PageRange{}};
  size_t start = 0;
  while (start <= text.size()) {
    size_t comma = std::min(text.find(',', start), text.size());
    std::string part = text.substr(start, comma - start);
    part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
    PageRange range;
    size_t dash = part.find('-');
    std::string_view first = std::string_view(part).substr(0, dash);
    std::string_view last =
        dash == std::string::npos ? first : std::string_view(part).substr(dash + 1);
    if (first.empty() && last.empty()) return bad_range(part);
    if (!first.empty() && !parse_number(first, range.first)) return bad_range(part);
    if (!last.empty() && !parse_number(last, range.last)) return bad_range(part);
    if (range.first > range.last) return bad_range(part);
    ranges.push_back(range);
    start = comma + 1;
  }
  return ranges;
}

std::vector<uint32_t> select_pages(const std::vector<PageRange>& ranges, uint32_t page_count,
                                   uint32_t max_pages) {
  std::vector<uint32_t> pages;
  for (uint32_t page = 1; page <= page_count; ++page) {
    if (max_pages != 0 && pages.size() == max_pages) break;
    bool wanted = std::any_of(ranges.begin(), ranges.end(), [page](const PageRange& r) {
      return page >= r.first && page <= r.last;
    });
    if (wanted) pages.push_back(page);
  }
  return pages;
}

std::string to_text(const std::vector<uint32_t>& pages) {
  std::string text;
  for (size_t i = 0; i < pages.size();) {
    size_t last = i;
    while (last + 1 < pages.size() && pages[last + 1] == pages[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(pages[i]);
    if (last > i) text += '-' + std::to_string(pages[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace pdf2md::proto
