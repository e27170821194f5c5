// The pages as a PDF with what was found drawn over them: a box around each block, coloured by its
// type, its number in reading order, and a line from each to the next. Written as it comes; a few
// bytes a page are kept for the table at its end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "document/markdown.h"
#include "document/page_record.h"

namespace pdf2md::document {

class LayoutPdf {
 public:
  explicit LayoutPdf(ByteSink sink) : sink_(std::move(sink)) {}

  Status begin();
  // `record` is settled. `png`: a picture of the page; empty: boxes alone. Errors: kInternal for a
  // picture that is none of ours.
  Status page(const PageRecord& record, std::string_view png);
  Status finish();

 private:
  Status put(const std::string& bytes);
  Status object(uint64_t number, const std::string& body);
  uint64_t take_number();

  ByteSink sink_;
  uint64_t written_ = 0;           // bytes
  std::vector<uint64_t> offsets_;  // of the objects, by number; 0: not yet
  std::vector<uint64_t> pages_;    // numbers of the page objects
};

// 0xRRGGBB, the same in every output that draws blocks.
uint32_t colour_of(BlockType type);

}  // namespace pdf2md::document
