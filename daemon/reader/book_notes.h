// Notes of a chapter: which links lead to them, and what they lead to.
#pragma once

#include <libxml/tree.h>

#include <map>
#include <vector>

namespace pdf2md::reader {

class BookNotes {
 public:
  // A link is a note's where the book says so (epub:type, role, class), or where it is a superscript
  // mark that leads to a place in the same file. Notes are numbered by their first reference.
  explicit BookNotes(const xmlNode* root);

  // 0: no reference to a note.
  uint32_t number_of(const xmlNode* link) const;
  // Is this the text of a note, which does not stand where it is found?
  bool is_note(const xmlNode* node) const;
  // A link from a note back to where it is referred to.
  bool leads_back(const xmlNode* link) const;
  // In the order of their numbers.
  const std::vector<const xmlNode*>& notes() const { return notes_; }

 private:
  std::map<const xmlNode*, uint32_t> references_;
  std::map<const xmlNode*, uint32_t> numbers_;
  std::vector<const xmlNode*> notes_;
  std::map<std::string, const xmlNode*> ids_;
};

}  // namespace pdf2md::reader
