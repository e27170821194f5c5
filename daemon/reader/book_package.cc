#include "daemon/reader/book_package.h"

#include <algorithm>
#include <map>

#include "daemon/reader/xml_tree.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kMostBytes = 8 << 20;
constexpr size_t kMostFieldBytes = 4096;
constexpr size_t kMostBookmarks = 10000;
constexpr uint32_t kMostLevels = 16;

struct Item {
  std::string path, media_type, properties;
};

std::string one_line(std::string text) {
  std::string out;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (out.size() <= kMostFieldBytes) return out;
  size_t end = kMostFieldBytes;
  while (end > 0 && (out[end] & 0xC0) == 0x80) --end;
  return out.substr(0, end);
}

// Fonts may be obfuscated, which hides no text; anything else is encrypted.
bool hides_content(const BookArchive& archive) {
  const std::string name = "META-INF/encryption.xml";
  if (!archive.has(name)) return false;
  Result<std::string> bytes = archive.read(name, kMostBytes);
  const XmlTree tree = bytes ? XmlTree::from_xml(*bytes) : XmlTree::from_xml("");
  for (const xmlNode* at = tree.root(); at != nullptr; at = next_node(at, tree.root())) {
    if (name_of(at) != "EncryptionMethod") continue;
    const std::string method = attribute(at, "Algorithm");
    if (method != "http://www.idpf.org/2008/embedding" &&
        method != "http://ns.adobe.com/pdf/enc#RC")
      return true;
  }
  return false;
}

class PackageReader {
 public:
  PackageReader(const BookArchive& archive, std::string path)
      : archive_(archive), path_(std::move(path)) {}

  Result<BookPackage> read() {
    Result<std::string> bytes = archive_.read(path_, kMostBytes);
    const XmlTree tree = XmlTree::from_xml(bytes ? *bytes : "");
    const xmlNode* root = tree.root();
    if (root == nullptr)
      return Error{ErrorCode::kDamaged, "the book's package document cannot be read", ""};
    package_.info.type = "epub";
    package_.info.version = attribute(root, "version");
    package_.info.encryption = "none";
    for (const xmlNode* at = root; at != nullptr; at = next_node(at, root)) take(at);
    for (const xmlNode* at = root; at != nullptr; at = next_node(at, root)) {
      if (name_of(at) == "itemref") add_to_spine(attribute(at, "idref"));
      if (name_of(at) == "spine") ncx_ = attribute(at, "toc");
    }
    if (package_.spine.empty()) {
      if (other_content_)
        return Error{ErrorCode::kUnsupportedType, "a book whose pages are not XHTML",
                     "convert it to PDF first"};
      return Error{ErrorCode::kNoPages, "the book has no pages", ""};
    }
    add_bookmarks();
    return std::move(package_);
  }

 private:
  void take(const xmlNode* node) {
    document::DocumentInfo& info = package_.info;
    const std::string_view name = name_of(node);
    if (name == "item") {
      items_[attribute(node, "id")] = {resolved(path_, attribute(node, "href")),
                                       attribute(node, "media-type"),
                                       attribute(node, "properties")};
      return;
    }
    if (node->ns == nullptr || node->ns->prefix == nullptr ||
        std::string_view(reinterpret_cast<const char*>(node->ns->prefix)) != "dc")
      return;
    const std::string text = one_line(text_of(node));
    std::string* field = name == "title"         ? &info.title
                         : name == "creator"     ? &info.author
                         : name == "subject"     ? &info.subject
                         : name == "publisher"   ? &info.producer
                         : name == "contributor" ? &info.creator
                         : name == "date"        ? &info.created
                         : name == "language"    ? &info.language
                                                 : nullptr;
    if (field == nullptr || text.empty()) return;
    const bool several = name == "creator" || name == "subject";
    if (field->empty())
      *field = text;
    else if (several && field->size() + text.size() < kMostFieldBytes)
      *field += "; " + text;
  }

  void add_to_spine(const std::string& id) {
    const auto found = items_.find(id);
    if (found == items_.end() || found->second.path.empty()) return;
    const Item& item = found->second;
    if (item.media_type != "application/xhtml+xml" && item.media_type != "text/html") {
      other_content_ = true;
      return;
    }
    // The table of contents as a page of its own says what the bookmarks say.
    if (has_word(item.properties, "nav")) return;
    pages_.emplace(item.path, static_cast<uint32_t>(package_.spine.size() + 1));
    package_.spine.push_back(item.path);
  }

  void add_bookmarks() {
    for (const auto& [id, item] : items_) {
      const bool nav = has_word(item.properties, "nav");
      if (!nav && (id != ncx_ || ncx_.empty())) continue;
      Result<std::string> bytes = archive_.read(item.path, kMostBytes);
      if (!bytes) continue;
      const XmlTree tree = XmlTree::from_xhtml(*bytes);
      if (tree.root() == nullptr) continue;
      if (nav) {
        for (const xmlNode* at = tree.root(); at != nullptr; at = next_node(at, tree.root()))
          if (name_of(at) == "nav" && has_word(attribute(at, "epub:type"), "toc"))
            add_list(find_element(at, "ol"), item.path, 1);
      } else if (const xmlNode* map = find_element(tree.root(), "navMap"); map != nullptr) {
        add_points(map, item.path, 1);
      }
      if (!package_.info.bookmarks.empty()) return;
    }
  }

  void add_bookmark(std::string title, const std::string& target, uint32_t level) {
    const auto page = pages_.find(target);
    package_.info.bookmarks.push_back(
        {one_line(std::move(title)), level, page == pages_.end() ? 0 : page->second, 0});
  }

  void add_list(const xmlNode* list, const std::string& from, uint32_t level) {
    if (list == nullptr || level > kMostLevels) return;
    for (const xmlNode* entry = list->children; entry != nullptr; entry = entry->next) {
      if (name_of(entry) != "li") continue;
      for (const xmlNode* part = entry->children; part != nullptr; part = part->next) {
        if (package_.info.bookmarks.size() >= kMostBookmarks) return;
        if (name_of(part) == "a" || name_of(part) == "span")
          add_bookmark(text_of(part), resolved(from, attribute(part, "href")), level);
        if (name_of(part) == "ol") add_list(part, from, level + 1);
      }
    }
  }

  void add_points(const xmlNode* parent, const std::string& from, uint32_t level) {
    if (level > kMostLevels) return;
    for (const xmlNode* point = parent->children; point != nullptr; point = point->next) {
      if (name_of(point) != "navPoint" || package_.info.bookmarks.size() >= kMostBookmarks)
        continue;
      const xmlNode* label = find_element(point, "text");
      const xmlNode* content = find_element(point, "content");
      if (label != nullptr && content != nullptr)
        add_bookmark(text_of(label), resolved(from, attribute(content, "src")), level);
      add_points(point, from, level + 1);
    }
  }

  const BookArchive& archive_;
  std::string path_;
  BookPackage package_;
  std::map<std::string, Item> items_;
  std::map<std::string, uint32_t> pages_;
  std::string ncx_;
  bool other_content_ = false;
};

}  // namespace

Result<BookPackage> read_package(const BookArchive& archive) {
  if (hides_content(archive)) {
    return Error{ErrorCode::kUnsupportedSecurity, "the book is encrypted (DRM)",
                 "only books without encryption can be converted"};
  }
  Result<std::string> bytes = archive.read("META-INF/container.xml", kMostBytes);
  const XmlTree tree = XmlTree::from_xml(bytes ? *bytes : "");
  const xmlNode* file = tree.root() == nullptr ? nullptr : find_element(tree.root(), "rootfile");
  if (file == nullptr)
    return Error{ErrorCode::kDamaged, "the book does not say where its package document is", ""};
  return PackageReader(archive, resolved("", attribute(file, "full-path"))).read();
}

}  // namespace pdf2md::reader
