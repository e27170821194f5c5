// XML and HTML by libxml2: nothing is fetched, no external entity is read, and what entities expand to
// is bounded by the library.
#pragma once

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>

namespace pdf2md::reader {

class XmlTree {
 public:
  // Null root where it is not well-formed.
  static XmlTree from_xml(std::string_view bytes);
  // As browsers are lenient: what is not well-formed is read as HTML. Null root where there is nothing.
  static XmlTree from_xhtml(std::string_view bytes);

  const xmlNode* root() const;

 private:
  explicit XmlTree(xmlDoc* document) : document_(document, xmlFreeDoc) {}
  std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> document_;
};

// Before the sandbox: the library's tables, and a loader of external entities that refuses.
void prepare_xml();

bool is_element(const xmlNode* node);
// Without a prefix, "h1"; empty for what is no element.
std::string_view name_of(const xmlNode* node);
// "href", or with a prefix, "epub:type". Empty where there is none.
std::string attribute(const xmlNode* node, std::string_view name);
bool has_attribute(const xmlNode* node, std::string_view name);
// Is it one of the words of a list, as class and epub:type are?
bool has_word(std::string_view list, std::string_view word);
// Of the node and everything in it. A reference to an entity that HTML knows is its character.
std::string text_of(const xmlNode* node);
std::string entity_text(const xmlNode* reference);
// The first element of this name in document order, `top` included; null: none.
const xmlNode* find_element(const xmlNode* top, std::string_view name);
// The next node of the tree below `top` in document order, or null.
const xmlNode* next_node(const xmlNode* node, const xmlNode* top);

}  // namespace pdf2md::reader
