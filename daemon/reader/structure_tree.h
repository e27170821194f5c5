// The part of a tagged document's structure tree that concerns one page.
//
// Found from below, through the parent tree (PDF 1.7, 14.7.4.4): the whole tree of a long document
// is never read, and its depth or loops cannot hurt.
#pragma once

#include <Object.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "document/page_content.h"

class XRef;

namespace pdf2md::reader {

class StructureTree {
 public:
  explicit StructureTree(XRef* xref);

  // Content `mcid` of the stream whose /StructParents is `key` is known as `id` on the page.
  void add(int key, int mcid, uint16_t id);

  // One for each content added that the tree knows. Elements are numbered from 1 in reading order,
  // as far as this page goes.
  std::vector<document::TaggedSpan> spans();

 private:
  struct Found {
    uint16_t id;
    std::string role;
    Ref element;            // the ancestor that gave the role
    std::vector<int> path;  // places among siblings, from the root down to it
  };
  const Object& parents_of(int key);
  std::string role_of(const Object& element);
  int place_among_siblings(const Object& parent, Ref child);

  XRef* xref_;
  Object root_;
  Object role_map_;
  std::map<int, Object> parents_;             // key → array of elements by mcid
  std::map<Ref, std::map<Ref, int>> places_;  // parent → child → place
  std::vector<Found> found_;
};

}  // namespace pdf2md::reader
