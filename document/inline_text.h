// From the lines of a block to running text: lines joined, hyphens settled, styles and links
// merged, references to notes told from other superscripts.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "document/element.h"
#include "document/hyphenation.h"
#include "document/page_record.h"

namespace pdf2md::document {

struct InlineContext {
  JoinEvidence join;
  const std::vector<Link>* links = nullptr;  // of the page
  uint16_t plain_styles = 0;                 // StyleFlags that carry no meaning here
  // The note that a superscript mark refers to; 0: none. May be empty.
  std::function<uint32_t(std::string_view mark)> note_of;
};

Runs runs_of(const std::vector<Line>& lines, const InlineContext& context);

// Appends `more` to `runs` as the next line of one paragraph.
void join_runs(Runs& runs, Runs more, const JoinEvidence& evidence);

void trim_runs(Runs& runs);                     // white space at both ends
void drop_prefix(Runs& runs, size_t bytes);     // of the text
void clear_style(Runs& runs, uint16_t styles);  // and merges what becomes equal
uint16_t common_style(const Runs& runs);        // styles that all of the text has

}  // namespace pdf2md::document
