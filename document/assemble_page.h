// Internal to assembly: the elements of one page, before anything is joined over its borders.
#pragma once

#include <vector>

#include "document/element.h"
#include "document/footnotes.h"
#include "document/statistics.h"
#include "proto/messages.h"

namespace pdf2md::document {

// An element with what joining needs to know about its ends.
struct PagePiece {
  Element element;
  uint32_t page = 0;
  Box box;
  float size_pt = 0;
  float first_x0 = 0, first_x1 = 0;  // of the first line
  float last_x0 = 0, last_x1 = 0;    // of the last line
  float left = 0, right = 0;         // of the column that it stands in
  uint32_t lines = 0;
  bool goes_on = false;  // footnote without a mark: the rest of the one before
};

// `record` is settled (statistics.h). Captions are with their figures and tables, furniture is left
// out unless `keep_headers`.
std::vector<PagePiece> pieces_of_page(const PageRecord& record, const Statistics& statistics,
                                      const PageNotes& notes, bool keep_headers);

// Does `next` go on where `last` ended? Both are of this document, `next` later.
bool goes_on(const PagePiece& last, const PagePiece& next, const Statistics& statistics);
// Puts `next` behind `last`. Only where goes_on().
void join(PagePiece& last, PagePiece next, const Statistics& statistics);

}  // namespace pdf2md::document
