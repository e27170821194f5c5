// What assembly learns about a document in its first pass, in memory that does not grow with the
// document beyond fixed bounds.
#pragma once

#include <cstdint>
#include <vector>

#include "document/document_info.h"
#include "document/footnotes.h"
#include "document/headings.h"
#include "document/hyphenation.h"
#include "document/page_record.h"
#include "document/running_heads.h"
#include "document/stages.h"

namespace pdf2md::document {

struct Statistics {
  float body_size_pt = 10;
  uint16_t body_style = 0;  // styles that most of the text has: they carry no meaning
  bool indented = false;    // paragraphs begin with an indent
  bool french = false;
  bool cjk_latin_spaced = false;
  WordSet words;
  RunningHeads heads;
  HeadingLevels levels;
  EndNotes end_notes;

  JoinEvidence join_evidence() const { return {&words, french, cjk_latin_spaced}; }
};

// Pass 1. Errors: those of `load`.
Result<Statistics> collect_statistics(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                                      const PageLoader& load);

// A page as the second pass sees it: running lines are blocks of their own, headings have their
// levels (blocks that turn out to be headings are, those that turn out not to be are text).
void settle_page(PageRecord& record, const Statistics& statistics);

}  // namespace pdf2md::document
