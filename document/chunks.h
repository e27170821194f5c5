// Pieces of the document for retrieval: a line of JSON each, with the headings that it stands under,
// its pages and boxes, and its Markdown. A piece never spans two sections, and is never longer than
// the limit, by an estimate of tokens that is on the high side.
#pragma once

#include <string>
#include <vector>

#include "document/element_markdown.h"

namespace pdf2md::document {

// What common byte-pair vocabularies make of it, at least: four Latin letters, two of another
// alphabet, one ideograph, one sign.
uint32_t estimated_tokens(std::string_view utf8);

// In pieces of at most `limit` tokens, cut at the ends of lines, else of sentences, else of words,
// else anywhere. `head` (of a table) is put before every piece but the first.
std::vector<std::string> cut_to_tokens(std::string_view text, uint32_t limit,
                                       const std::string& head = "");

class ChunkWriter {
 public:
  ChunkWriter(MarkdownOptions options, uint32_t limit_tokens, ByteSink sink);

  Status add(const Element& element);
  Status finish();

 private:
  Status begin_section(const Element& heading);
  Status append(const std::string& text, const std::vector<Place>& places, bool tight);
  Status flush();

  struct Heading {
    uint32_t level = 1;
    std::string text;
  };
  ElementMarkdown markdown_;
  uint32_t limit_tokens_;
  ByteSink sink_;
  std::vector<Heading> headings_;  // outermost first
  std::string text_;               // of the piece that is being filled
  uint32_t tokens_ = 0;
  std::vector<Place> places_;
  bool only_headings_ = true;  // so far: text of the section still belongs to them
  bool after_item_ = false;
  bool in_notes_ = false;
  uint64_t next_id_ = 1;
};

}  // namespace pdf2md::document
