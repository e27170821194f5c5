// Elements to plain text: what a person would type who copies the document. Written as it comes.
#pragma once

#include <string>

#include "document/element.h"
#include "document/markdown.h"

namespace pdf2md::document {

class TextWriter {
 public:
  // `blank_pages` and `page_separator` count.
  TextWriter(MarkdownOptions options, ByteSink sink)
      : options_(std::move(options)), sink_(std::move(sink)) {}

  Status add(const Element& element);

 private:
  Status block(const std::string& text, bool tight = false);

  MarkdownOptions options_;
  ByteSink sink_;
  bool any_ = false;
  bool any_page_ = false;
  bool after_item_ = false;
};

// Columns beneath each other, two spaces apart; a tab between the cells of a table that is too wide
// for that.
std::string table_text(const ElementTable& table);

}  // namespace pdf2md::document
