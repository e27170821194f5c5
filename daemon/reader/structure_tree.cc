#include "daemon/reader/structure_tree.h"

#include <Array.h>
#include <Dict.h>
#include <XRef.h>

#include <algorithm>
#include <set>

#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kMaxSiblings = 100000;

// Roles that say nothing about what the text is: the nearest ancestor that does is looked for.
bool says_nothing(const std::string& role) {
  static const std::set<std::string> kSilent{
      "Span", "NonStruct", "Private", "Link",     "Reference", "Annot",  "Quote", "Div",
      "Sect", "Part",      "Art",     "Document", "Form",      "Ruby",   "RB",    "RT",
      "RP",   "Warichu",   "WT",      "WP",       "Em",        "Strong", "Sub"};
  return role.empty() || kSilent.contains(role);
}

// The value for a key in a number tree; null where it has none.
Object number_tree_value(const Object& node, int key, int depth) {
  if (!node.isDict() || depth > 32) return Object(objNull);
  Object numbers = node.dictLookup("Nums");
  if (numbers.isArray()) {
    for (int i = 0; i + 1 < numbers.arrayGetLength(); i += 2) {
      Object number = numbers.arrayGet(i);
      if (number.isInt() && number.getInt() == key) return numbers.arrayGet(i + 1);
    }
  }
  Object kids = node.dictLookup("Kids");
  if (!kids.isArray()) return Object(objNull);
  for (int i = 0; i < kids.arrayGetLength(); ++i) {
    Object kid = kids.arrayGet(i);
    if (!kid.isDict()) continue;
    Object limits = kid.dictLookup("Limits");
    if (limits.isArray() && limits.arrayGetLength() == 2) {
      Object low = limits.arrayGet(0);
      Object high = limits.arrayGet(1);
      if (low.isInt() && high.isInt() && (key < low.getInt() || key > high.getInt())) continue;
    }
    Object value = number_tree_value(kid, key, depth + 1);
    if (!value.isNull()) return value;
  }
  return Object(objNull);
}

}  // namespace

StructureTree::StructureTree(XRef* xref) : xref_(xref), root_(objNull), role_map_(objNull) {
  Object catalog = xref_->getCatalog();
  if (!catalog.isDict()) return;
  root_ = catalog.dictLookup("StructTreeRoot");
  if (root_.isDict()) role_map_ = root_.dictLookup("RoleMap");
}

const Object& StructureTree::parents_of(int key) {
  auto known = parents_.find(key);
  if (known != parents_.end()) return known->second;
  Object parents(objNull);
  if (root_.isDict() && key >= 0)
    parents = number_tree_value(root_.dictLookup("ParentTree"), key, 0);
  return parents_.emplace(key, std::move(parents)).first->second;
}

std::string StructureTree::role_of(const Object& element) {
  Object type = element.dictLookup("S");
  std::string role = type.isName() ? type.getName() : "";
  // A role map may map to another mapped role; eight steps are plenty, and end every loop.
  for (int i = 0; i < 8 && role_map_.isDict(); ++i) {
    Object mapped = role_map_.dictLookup(role.c_str());
    if (!mapped.isName() || role == mapped.getName()) break;
    role = mapped.getName();
  }
  return shortened(valid_utf8(role), 40);
}

int StructureTree::place_among_siblings(const Object& parent_ref, Ref child) {
  std::map<Ref, int>& places = places_[parent_ref.getRef()];
  if (places.empty()) {
    Object parent = parent_ref.fetch(xref_);
    const Object kids = parent.isDict() ? parent.dictLookup("K") : Object(objNull);
    if (kids.isArray()) {
      for (int i = 0; i < std::min(kids.arrayGetLength(), kMaxSiblings); ++i) {
        const Object& kid = kids.arrayGetNF(i);
        if (kid.isRef()) places.emplace(kid.getRef(), i);
      }
    }
    places.emplace(Ref::INVALID(), 0);
  }
  auto found = places.find(child);
  return found == places.end() ? 0 : found->second;
}

void StructureTree::add(int key, int mcid, uint16_t id) {
  const Object& parents = parents_of(key);
  if (!parents.isArray() || mcid >= parents.arrayGetLength()) return;
  Object ref = parents.arrayGetNF(mcid).copy();
  Found found;
  found.id = id;
  found.element = Ref::INVALID();
  std::string innermost;
  for (int depth = 0; depth < kMaxDepth && ref.isRef(); ++depth) {
    Object element = ref.fetch(xref_);
    if (!element.isDict()) break;
    Object type = element.dictLookup("S");
    if (!type.isName()) break;  // the root
    if (found.element == Ref::INVALID()) {
      std::string role = role_of(element);
      if (depth == 0) innermost = role;
      if (!says_nothing(role)) {
        found.role = role;
        found.element = ref.getRef();
      }
    }
    Object parent = element.dictLookupNF("P").copy();
    if (parent.isRef() && found.element != Ref::INVALID()) {
      found.path.push_back(place_among_siblings(parent, ref.getRef()));
    }
    ref = std::move(parent);
  }
  if (found.element == Ref::INVALID()) {
    // Nothing but Span, Div, ... up to the root: the innermost is all there is to say.
    const Object& first = parents.arrayGetNF(mcid);
    if (innermost.empty() || !first.isRef()) return;
    found.role = innermost;
    found.element = first.getRef();
  }
  std::reverse(found.path.begin(), found.path.end());
  found_.push_back(std::move(found));
}

std::vector<document::TaggedSpan> StructureTree::spans() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Found& a, const Found& b) { return a.path < b.path; });
  std::map<Ref, uint32_t> numbers;
  std::vector<document::TaggedSpan> spans;
  for (const Found& found : found_) {
    uint32_t number =
        numbers.emplace(found.element, static_cast<uint32_t>(numbers.size() + 1)).first->second;
    spans.push_back({found.id, found.role, number});
  }
  return spans;
}

}  // namespace pdf2md::reader
