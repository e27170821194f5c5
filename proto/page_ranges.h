// "3-7,12": the pages that a job asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/result.h"

namespace pdf2md::proto {

struct PageRange {
  uint32_t first = 1;
  uint32_t last = UINT32_MAX;  // inclusive; UINT32_MAX: to the end
};

// Comma-separated numbers and ranges, 1-based; "5-" is to the end, "-3" from the start; empty text
// is every page. Errors: kBadOptions, naming the part that is wrong.
Result<std::vector<PageRange>> parse_page_ranges(const std::string& text);

// The pages of a document of `page_count` pages that lie in the ranges: ascending, each once, the
// first `max_pages` of them (0: all).
std::vector<uint32_t> select_pages(const std::vector<PageRange>& ranges, uint32_t page_count,
                                   uint32_t max_pages);

// "3-7,12" for ascending pages.
std::string to_text(const std::vector<uint32_t>& pages);

}  // namespace pdf2md::proto
