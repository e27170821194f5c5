// PdfDocument's questions about the document as a whole: metadata, bookmarks, where links lead.
#include <Catalog.h>
#include <Link.h>
#include <Outline.h>
#include <Page.h>

#include "daemon/reader/pdf_document.h"
#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kMaxBookmarks = 10000;
constexpr uint32_t kMaxBookmarkDepth = 16;
constexpr size_t kMaxFieldBytes = 4096;

std::string info_field(const Object& info, const char* key) {
  if (!info.isDict()) return "";
  Object value = info.dictLookup(key);
  if (!value.isString()) return "";
  return shortened(utf8_from_pdf_string(value.getString()), kMaxFieldBytes);
}

// "D:20240131235959+01'00'" → "2024-01-31T23:59:59"; "" where it is not of that form.
std::string iso_date(const std::string& date) {
  std::string digits;
  for (char c : date.starts_with("D:") ? date.substr(2) : date) {
    if (c < '0' || c > '9' || digits.size() == 14) break;
    digits.push_back(c);
  }
  if (digits.size() < 4) return "";
  std::string out = digits.substr(0, 4);
  constexpr const char* kSeparators[] = {"-", "-", "T", ":", ":"};
  for (size_t i = 0; i < 5 && digits.size() >= 6 + 2 * i; ++i) {
    if (i == 3 && digits.size() < 12) break;
    out += kSeparators[i] + digits.substr(4 + 2 * i, 2);
  }
  if (out.size() == 13) out.resize(10);  // an hour without minutes says nothing
  return out;
}

void add_bookmarks(PdfDocument& document, const std::vector<OutlineItem*>* items, uint32_t level,
                   std::vector<document::Bookmark>& out) {
  if (items == nullptr || level > kMaxBookmarkDepth) return;
  for (OutlineItem* item : *items) {
    if (out.size() >= kMaxBookmarks) return;
    document::Bookmark bookmark;
    bookmark.title =
        shortened(utf8_from_code_points(item->getTitle(), item->getTitleLength()), kMaxFieldBytes);
    bookmark.level = level;
    Target target = document.target(item->getAction());
    bookmark.page = target.page;
    bookmark.y = target.y;
    out.push_back(std::move(bookmark));
    if (level < kMaxBookmarkDepth) {
      item->open();
      add_bookmarks(document, item->getKids(), level + 1, out);
    }
  }
}

}  // namespace

document::DocumentInfo PdfDocument::info() {
  document::DocumentInfo info;
  info.pages = pages_;
  if (pdf_->getPDFMajorVersion() > 0) {  // 0 where the header is missing
    info.version = std::to_string(pdf_->getPDFMajorVersion()) + "." +
                   std::to_string(pdf_->getPDFMinorVersion());
  }
  Object fields = pdf_->getDocInfo();
  info.title = info_field(fields, "Title");
  info.author = info_field(fields, "Author");
  info.subject = info_field(fields, "Subject");
  info.producer = info_field(fields, "Producer");
  info.creator = info_field(fields, "Creator");
  info.created = iso_date(info_field(fields, "CreationDate"));
  Object catalog = pdf_->getXRef()->getCatalog();
  if (catalog.isDict()) {
    info.language = info_field(catalog, "Lang");
    Object mark_info = catalog.dictLookup("MarkInfo");
    Object marked = mark_info.isDict() ? mark_info.dictLookup("Marked") : Object(objNull);
    info.tagged =
        marked.isBool() && marked.getBool() && catalog.dictLookup("StructTreeRoot").isDict();
  }
  info.encryption = encryption_;
  for (const std::string& part : damage_) info.damage += (info.damage.empty() ? "" : "; ") + part;
  Outline* outline = pdf_->getOutline();
  if (outline != nullptr) add_bookmarks(*this, outline->getItems(), 1, info.bookmarks);
  return info;
}

uint32_t PdfDocument::page_of(Ref ref) {
  // Catalog::findPage() is a linear search, and a document may have thousands of links.
  if (!page_numbers_) {
    page_numbers_.emplace();
    for (uint32_t page = 1; page <= pages_; ++page) {
      const Ref* found = pdf_->getCatalog()->getPageRef(static_cast<int>(page));
      if (found != nullptr) page_numbers_->emplace(std::pair(found->num, found->gen), page);
    }
  }
  auto found = page_numbers_->find({ref.num, ref.gen});
  return found == page_numbers_->end() ? 0 : found->second;
}

Target PdfDocument::target(const LinkAction* action) {
  if (action == nullptr || action->getKind() != actionGoTo) return {};
  const LinkGoTo* go = static_cast<const LinkGoTo*>(action);
  std::unique_ptr<LinkDest> named;
  const LinkDest* place = go->getDest();
  if (place == nullptr && go->getNamedDest() != nullptr) {
    named = pdf_->findDest(go->getNamedDest());
    place = named.get();
  }
  if (place == nullptr || !place->isOk()) return {};
  Target target;
  if (place->isPageRef()) {
    target.page = page_of(place->getPageRef());
  } else if (place->getPageNum() > 0 && static_cast<uint32_t>(place->getPageNum()) <= pages_) {
    target.page = static_cast<uint32_t>(place->getPageNum());
  }
  if (target.page == 0) return {};
  bool has_top =
      place->getKind() == destFitR ||
      (place->getChangeTop() && (place->getKind() == destXYZ || place->getKind() == destFitH ||
                                 place->getKind() == destFitBH));
  if (!has_top) return target;
  Result<PageGeometry> geometry = page_geometry(target.page);
  if (!geometry) return target;
  double x = 0, y = 0;
  geometry->point(place->getLeft(), place->getTop(), x, y);
  if (y >= 0 && y <= geometry->height_pt) target.y = static_cast<float>(y);
  return target;
}

}  // namespace pdf2md::reader
