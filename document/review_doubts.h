// What a person should look at in a converted document, most urgent first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "document/page_record.h"

namespace pdf2md::document {

// What OCR is less sure of than this is often wrong somewhere.
constexpr float kDoubtful = 0.9f;

struct Doubt {
  uint32_t page = 0;
  std::optional<uint32_t> block;  // index in the record; empty: the page as a whole
  PageStatus status = PageStatus::kOk;
  float confidence = 1;
  Box box;
  float page_width_pt = 0, page_height_pt = 0;
  std::string text;  // the problem, or how the block begins
};

// Those of one page, which is settled.
std::vector<Doubt> doubts_of(const PageRecord& record);

// Failed pages, then degraded ones, then blocks by confidence; at most `most`. Returns how many were
// left out.
size_t sort_doubts(std::vector<Doubt>& doubts, size_t most);

}  // namespace pdf2md::document
