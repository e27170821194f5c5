// Markdown with the type and box of each block before it, in the form that vision-language OCR made
// common:
//
//   <|ref|>heading<|/ref|><|det|>[[72, 66, 512, 90]]<|/det|>
//   # Title
//
// Boxes are in thousandths of the page, 0 to 999, origin top-left. A block that goes on over a page
// border has <|page|>N<|/page|> and another <|det|> for each further page. In a
// document's own text these tags are escaped.
#pragma once

#include <map>
#include <string>

#include "document/element_markdown.h"

namespace pdf2md::document {

class GroundedWriter {
 public:
  GroundedWriter(MarkdownOptions options, ByteSink sink);

  Status add(const Element& element);

 private:
  std::string tag_of(const Element& element) const;

  struct Size {
    float width_pt = 0, height_pt = 0;
  };
  ElementMarkdown markdown_;
  ByteSink sink_;
  std::map<uint32_t, Size> sizes_;  // of pages
  bool any_ = false;
};

}  // namespace pdf2md::document
