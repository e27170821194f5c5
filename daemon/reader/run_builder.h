// Running text as it is found in XHTML: white space collapsed, pieces of one kind together.
#pragma once

#include <string>
#include <string_view>

#include "document/element.h"

namespace pdf2md::reader {

struct TextKind {
  uint16_t style = 0;  // document::StyleFlag
  std::string uri;     // of the link that it stands in
};

class RunBuilder {
 public:
  // UTF-8. Spaces that do not break are spaces, soft hyphens are nothing.
  void text(std::string_view utf8, const TextKind& kind);
  // As it is, as a run of its own: LaTeX.
  void verbatim(std::string text, uint16_t style);
  void line_break();
  void note(uint32_t number, std::string mark);

  bool empty() const { return runs_.empty(); }
  size_t bytes() const { return bytes_; }  // since the beginning
  // What there is, without spaces and line breaks at its ends. Empty afterwards.
  document::Runs take();

 private:
  document::Run& run_of(const TextKind& kind);
  void settle_space(const TextKind& kind);

  document::Runs runs_;
  bool space_ = false;  // one is due before the next character
  size_t bytes_ = 0;
};

}  // namespace pdf2md::reader
