// Notes: which footnotes a page defines, which superscripts refer to them, and their numbers in the
// document.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
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

// Makes footnotes (kFootnote) of what the page stage took for text: blocks that begin with a raised
// mark to which the page refers, and small text that goes on with them. Several in one block are
// parted.
void mark_footnotes(PageRecord& record, float body_size_pt);

// Notes that stand together at the end of the document: a numbered list of which nearly every
// number occurs as a superscript before it.
class EndNotes {
 public:
  void see(const PageRecord& record);  // pass 1, in page order
  void finish();

  uint32_t count() const { return count_; }
  bool has(std::string_view mark) const;
  // Makes footnotes of the page's blocks that are end notes; their numbers are their markers. The
  // record is as see() saw it.
  void mark(PageRecord& record) const;

 private:
  std::map<uint32_t, uint32_t> references_;         // number → last page that refers to it
  std::vector<std::pair<uint32_t, uint32_t>> run_;  // page and block of notes 1, 2, ...
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> notes_;  // page and block → number
  uint32_t count_ = 0;
};

// The notes of one page, in order.
class PageNotes {
 public:
  // Numbers go on from `next`, which is moved on by the notes that something on the page refers to.
  PageNotes(const PageRecord& record, const EndNotes& end_notes, uint32_t& next);

  // The number of the note with this mark; 0: none on this page.
  uint32_t number(std::string_view mark) const;
  // The number of the note that record.blocks[index] begins; 0: it begins none that is referred to.
  uint32_t number_of_block(size_t index) const;

 private:
  bool is_defined(std::string_view mark) const;
  struct Note {
    std::string mark;
    size_t block = 0;
    uint32_t number = 0;
  };
  std::vector<Note> notes_;
  const EndNotes& end_notes_;
};

}  // namespace pdf2md::document
