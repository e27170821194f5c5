// Inline Markdown (CommonMark 0.31, GFM): text escaped where it would otherwise be read as markup,
// emphasis, code, links, references to notes.
#pragma once

#include <string>
#include <string_view>

#include "document/element.h"

namespace pdf2md::document {

enum class InlinePlace : uint8_t {
  kParagraph,  // at the start of a line: what would begin a block is escaped
  kHeading,
  kCell,  // of a pipe table: "|" is escaped, line breaks are <br>
};
std::string inline_markdown(const Runs& runs, InlinePlace place);

// For tables that are written as HTML.
std::string inline_html(const Runs& runs);
std::string html_escaped(std::string_view text);

// Image descriptions and the like: one line, brackets escaped.
std::string alt_text(const Runs& runs);
// A link target as it stands between the parentheses.
std::string link_target(std::string_view uri);

}  // namespace pdf2md::document
