#include "daemon/reader/book_notes.h"

#include <algorithm>

#include "daemon/reader/xml_tree.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kMostMarkBytes = 8;
constexpr uint32_t kMostNotes = 20'000;

bool says(const xmlNode* node, std::string_view type, std::string_view role,
          std::string_view word) {
  return has_word(attribute(node, "epub:type"), type) || attribute(node, "role") == role ||
         has_word(attribute(node, "class"), word);
}

bool says_reference(const xmlNode* link) {
  return says(link, "noteref", "doc-noteref", "footnote-ref");
}
bool says_back(const xmlNode* link) {
  return says(link, "backlink", "doc-backlink", "footnote-back");
}

// "[12]", "*": within <sup>, or with one inside.
bool is_superscript_mark(const xmlNode* link) {
  bool raised = find_element(link, "sup") != nullptr;
  for (const xmlNode* above = link->parent; is_element(above) && !raised; above = above->parent)
    raised = name_of(above) == "sup";
  if (!raised) return false;
  const std::string text = text_of(link);
  return !text.empty() && text.size() <= kMostMarkBytes;
}

// The block that a place in it stands for.
const xmlNode* block_around(const xmlNode* node) {
  constexpr std::string_view kBlocks[] = {"li", "aside", "p", "div", "dd", "section"};
  for (const xmlNode* at = node; is_element(at); at = at->parent) {
    if (std::find(std::begin(kBlocks), std::end(kBlocks), name_of(at)) != std::end(kBlocks))
      return at;
  }
  return nullptr;
}

bool contains(const xmlNode* above, const xmlNode* node) {
  while (node != nullptr && node != above) node = node->parent;
  return node != nullptr;
}

}  // namespace

BookNotes::BookNotes(const xmlNode* root) {
  for (const xmlNode* at = root; at != nullptr; at = next_node(at, root)) {
    const std::string id = attribute(at, "id");
    if (!id.empty()) ids_.emplace(id, at);
  }
  for (const xmlNode* at = root; at != nullptr; at = next_node(at, root)) {
    if (name_of(at) != "a" || says_back(at)) continue;
    const std::string target = attribute(at, "href");
    if (!target.starts_with('#') || !(says_reference(at) || is_superscript_mark(at))) continue;
    const auto found = ids_.find(target.substr(1));
    const xmlNode* note = found == ids_.end() ? nullptr : block_around(found->second);
    // A note's own mark may lead back in superscript, and a note is not all of the chapter.
    const bool within_a_note = std::any_of(notes_.begin(), notes_.end(),
                                           [at](const xmlNode* one) { return contains(one, at); });
    if (note == nullptr || within_a_note || contains(note, at) || notes_.size() >= kMostNotes)
      continue;
    const auto [number, fresh] = numbers_.emplace(note, notes_.size() + 1);
    if (fresh) notes_.push_back(note);
    references_.emplace(at, number->second);
  }
}

uint32_t BookNotes::number_of(const xmlNode* link) const {
  const auto found = references_.find(link);
  return found == references_.end() ? 0 : found->second;
}

bool BookNotes::is_note(const xmlNode* node) const {
  return numbers_.contains(node);
}

bool BookNotes::leads_back(const xmlNode* link) const {
  if (name_of(link) != "a") return false;
  if (says_back(link)) return true;
  const std::string target = attribute(link, "href");
  if (!target.starts_with('#')) return false;
  const auto found = ids_.find(target.substr(1));
  if (found == ids_.end()) return false;
  // To the reference itself, or to what stands around it.
  return references_.contains(found->second) ||
         std::any_of(references_.begin(), references_.end(),
                     [&](const auto& one) { return one.first->parent == found->second; });
}

}  // namespace pdf2md::reader
