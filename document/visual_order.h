// From the order in which characters stand on paper to the order in which they are read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pdf2md::document {

// `visual`: what stands from left to right on one line; each entry is one glyph's characters
// (already in logical order among themselves). Returns the reading order as indices into it. Where
// the entry stands in right-to-left text, `mirror` is true for it: brackets there are drawn turned
// round. right_to_left_page: the line belongs to a page whose letters are mostly right-to-left.
// Source: the implicit levels of Unicode Annex 9, run backwards, for one embedding level.
struct LogicalOrder {
  std::vector<uint32_t> order;
  std::vector<bool> mirror;  // by position in `order`
};
LogicalOrder logical_order(const std::vector<std::u32string>& visual, bool right_to_left_page);

}  // namespace pdf2md::document
