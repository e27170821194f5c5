// The Markdown of each element by itself, for writers that put something of their own around it.
#pragma once

#include <string>

#include "document/markdown.h"

namespace pdf2md::document {

class ElementMarkdown {
 public:
  explicit ElementMarkdown(MarkdownOptions options);
  ElementMarkdown(const ElementMarkdown&) = delete;
  ElementMarkdown& operator=(const ElementMarkdown&) = delete;

  // Without blank lines at its ends; indented as the lists that are open ask.
  Result<std::string> of(const Element& element);

 private:
  std::string written_;
  MarkdownWriter writer_;
};

}  // namespace pdf2md::document
