// A chapter of a book, XHTML, to the elements of a page.
#pragma once

#include <libxml/tree.h>

#include <string>
#include <vector>

#include "document/page_flow.h"

namespace pdf2md::reader {

struct FlowLimits {
  size_t elements = 200'000;
  size_t text_bytes = 16 << 20;
};

struct BookFlow {
  document::PageFlow flow;
  std::vector<std::string> pictures;  // of flow.pictures: references as they stand in the chapter
  bool truncated = false;             // a limit was reached: what is here is the beginning
};

BookFlow flow_of_chapter(const xmlNode* root, const FlowLimits& limits);

}  // namespace pdf2md::reader
