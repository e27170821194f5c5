// Notes: which footnotes a page defines, which superscripts refer to them, and their numbers in the
// document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/page_record.h"

namespace pdf2md::document {

// The mark that a footnote begins with: "1", "*", "†", "a". Looked for as a superscript first, then
// as a number or sign before a space.
struct NoteMark {
  std::string mark;  // empty: none, so the block goes on where an earlier note ended
  size_t bytes = 0;  // of the block's first line that mark, punctuation and spaces take
};
NoteMark note_mark(const Block& block);

// The mark without its punctuation: "1)" and "[1]" are "1". Empty: no mark that a note could have.
std::string bare_mark(std::string_view text);

// The notes of one page, in order.
class PageNotes {
 public:
  // Numbers go on from `next`, which is moved on by the notes that something on the page refers to.
  PageNotes(const PageRecord& record, uint32_t& next);

  // The number of the note with this mark; 0: none on this page.
  uint32_t number(std::string_view mark) const;
  // The number of the note that record.blocks[index] begins; 0: it begins none that is referred to.
  uint32_t number_of_block(size_t index) const;

 private:
  struct Note {
    std::string mark;
    size_t block = 0;
    uint32_t number = 0;
  };
  std::vector<Note> notes_;
};

}  // namespace pdf2md::document
