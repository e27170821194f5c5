#include "document/element_markdown.h"

namespace pdf2md::document {

ElementMarkdown::ElementMarkdown(MarkdownOptions options)
    : writer_(std::move(options), [this](std::string_view bytes) -> Status {
        written_ += bytes;
        return Ok{};
      }) {}

Result<std::string> ElementMarkdown::of(const Element& element) {
  written_.clear();
  Status added = writer_.add(element);
  if (!added) return added.error();
  const size_t first = written_.find_first_not_of('\n');
  if (first == written_.npos) return std::string();
  return written_.substr(first, written_.find_last_not_of('\n') + 1 - first);
}

}  // namespace pdf2md::document
