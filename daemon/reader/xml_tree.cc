#include "daemon/reader/xml_tree.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <climits>

#include "document/utf8.h"

namespace pdf2md::reader {
namespace {

constexpr int kXmlOptions =
    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
constexpr int kHtmlOptions = HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                             HTML_PARSE_NOWARNING | HTML_PARSE_NOIMPLIED;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// The HTML parser lets bytes through that are no UTF-8 where a document's encoding is not what it says.
std::string well_formed(std::string text) {
  if (document::valid_utf8(text)) return text;
  std::string out;
  for (char c : text) {
    if ((c & 0x80) == 0)
      out += c;
    else
      out += "\xEF\xBF\xBD";
  }
  return out;
}

// What the XML declaration says, which HTML knows nothing of.
std::string declared_encoding(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 200);
  const size_t at = head.find("encoding=");
  if (!head.starts_with("<?xml") || at == head.npos || at + 10 >= head.size()) return "UTF-8";
  const char quote = head[at + 9];
  const size_t end = head.find(quote, at + 10);
  return end == head.npos ? "UTF-8" : std::string(head.substr(at + 10, end - at - 10));
}

xmlParserInputPtr refuse_entity(const char*, const char*, xmlParserCtxtPtr) {
  return nullptr;
}

bool is_named(const xmlAttr* attribute, std::string_view name) {
  if (view(attribute->name) == name) return attribute->ns == nullptr;
  const size_t colon = name.find(':');
  return colon != name.npos && attribute->ns != nullptr &&
         view(attribute->ns->prefix) == name.substr(0, colon) &&
         view(attribute->name) == name.substr(colon + 1);
}

const xmlAttr* find_attribute(const xmlNode* node, std::string_view name) {
  if (!is_element(node)) return nullptr;
  for (const xmlAttr* one = node->properties; one != nullptr; one = one->next)
    if (is_named(one, name)) return one;
  return nullptr;
}

}  // namespace

void prepare_xml() {
  xmlInitParser();
  xmlSetExternalEntityLoader(refuse_entity);
}

XmlTree XmlTree::from_xml(std::string_view bytes) {
  if (bytes.size() > INT_MAX) return XmlTree(nullptr);
  return XmlTree(
      xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr, kXmlOptions));
}

XmlTree XmlTree::from_xhtml(std::string_view bytes) {
  XmlTree tree = from_xml(bytes);
  if (tree.root() != nullptr || bytes.size() > INT_MAX) return tree;
  return XmlTree(htmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr,
                                declared_encoding(bytes).c_str(), kHtmlOptions));
}

const xmlNode* XmlTree::root() const {
  return document_ == nullptr ? nullptr : xmlDocGetRootElement(document_.get());
}

bool is_element(const xmlNode* node) {
  return node != nullptr && node->type == XML_ELEMENT_NODE;
}

std::string_view name_of(const xmlNode* node) {
  if (!is_element(node)) return {};
  const std::string_view name = view(node->name);
  const size_t colon = name.find(':');  // HTML has no prefixes, and keeps them in the name
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::string attribute(const xmlNode* node, std::string_view name) {
  const xmlAttr* found = find_attribute(node, name);
  std::string value;
  if (found == nullptr) return value;
  for (const xmlNode* part = found->children; part != nullptr; part = part->next) {
    if (part->type == XML_TEXT_NODE) value += view(part->content);
    if (part->type == XML_ENTITY_REF_NODE) value += entity_text(part);
  }
  return well_formed(std::move(value));
}

bool has_attribute(const xmlNode* node, std::string_view name) {
  return find_attribute(node, name) != nullptr;
}

bool has_word(std::string_view list, std::string_view word) {
  constexpr std::string_view kBlanks = " \t\r\n";
  for (size_t at = 0; at < list.size();) {
    const size_t end = std::min(list.find_first_of(kBlanks, at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

std::string entity_text(const xmlNode* reference) {
  const htmlEntityDesc* known = htmlEntityLookup(reference->name);
  if (known == nullptr) return "";
  xmlChar bytes[8] = {};
  const int count = xmlCopyCharMultiByte(bytes, static_cast<int>(known->value));
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(count)};
}

std::string text_of(const xmlNode* node) {
  std::string text;
  for (const xmlNode* at = node; at != nullptr; at = next_node(at, node)) {
    if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) text += view(at->content);
    if (at->type == XML_ENTITY_REF_NODE) text += entity_text(at);
    if (name_of(at) == "br") text += '\n';
  }
  return well_formed(std::move(text));
}

const xmlNode* find_element(const xmlNode* top, std::string_view name) {
  for (const xmlNode* at = top; at != nullptr; at = next_node(at, top))
    if (name_of(at) == name) return at;
  return nullptr;
}

const xmlNode* next_node(const xmlNode* node, const xmlNode* top) {
  // The children of a reference are the entity's declaration, which is no part of the tree.
  if (node->type != XML_ENTITY_REF_NODE && node->children != nullptr) return node->children;
  while (node != top && node->next == nullptr) node = node->parent;
  return node == top ? nullptr : node->next;
}

}  // namespace pdf2md::reader
