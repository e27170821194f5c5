#include "daemon/reader/book_document.h"

#include <algorithm>
#include <cmath>

#include "daemon/reader/book_flow.h"
#include "daemon/reader/picture_document.h"
#include "daemon/reader/xml_tree.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kMostChapterBytes = 32 << 20;
constexpr size_t kMostPictureBytes = 64 << 20;

Error no_pixels(uint32_t page) {
  return {ErrorCode::kPageFailed,
          "page " + std::to_string(page) + ": a page of a book has no fixed look", ""};
}

}  // namespace

Result<std::unique_ptr<DocumentSource>> BookDocument::open(FileMapping file,
                                                           const proto::DocumentLimits& limits) {
  Result<BookArchive> archive = BookArchive::open(file.bytes());
  if (!archive) return archive.error();
  Result<BookPackage> package = read_package(*archive);
  if (!package) return package.error();
  if (package->spine.size() > limits.max_pages) {
    return Error{ErrorCode::kTooManyPages,
                 "the book has " + std::to_string(package->spine.size()) + " parts; the limit is " +
                     std::to_string(limits.max_pages),
                 "raise limits.max_pages"};
  }
  return std::unique_ptr<DocumentSource>(
      new BookDocument(std::move(file), std::move(*archive), std::move(*package), limits));
}

document::DocumentInfo BookDocument::info() {
  document::DocumentInfo info = package_.info;
  info.pages = static_cast<uint32_t>(package_.spine.size());
  return info;
}

Result<document::PageContent> BookDocument::read_page(uint32_t page) {
  const std::string name = "page " + std::to_string(page);
  if (page == 0 || page > package_.spine.size()) {
    return Error{ErrorCode::kPageFailed,
                 name + ": the book has " + std::to_string(package_.spine.size()) + " parts", ""};
  }
  const std::string& path = package_.spine[page - 1];
  Result<std::string> bytes = archive_.read(path, kMostChapterBytes);
  if (!bytes) {
    Error error = bytes.error();
    error.message = name + ": " + error.message;
    return error;
  }
  const XmlTree tree = XmlTree::from_xhtml(*bytes);
  if (tree.root() == nullptr)
    return Error{ErrorCode::kPageFailed, name + ": nothing of it can be read", ""};
  FlowLimits limits;
  limits.elements = std::min<size_t>(limits.elements, limits_.max_page_objects);
  BookFlow chapter = flow_of_chapter(tree.root(), limits);
  document::PageContent content;
  content.page = page;
  content.truncated = chapter.truncated;
  content.flow = document::pack_flow(chapter.flow);
  page_ = page;
  pictures_.clear();
  for (const std::string& reference : chapter.pictures)
    pictures_.push_back(resolved(path, reference));
  return content;
}

Result<RenderedPage> BookDocument::render(const proto::Render& request, bool) {
  return no_pixels(request.page);
}

Result<RenderedPage> BookDocument::render_picture(const proto::RenderPicture& request) {
  const std::string name = "page " + std::to_string(request.page) + ", picture " +
                           std::to_string(request.picture + 1) + ": ";
  if (request.page != page_ || request.picture >= pictures_.size())
    return Error{ErrorCode::kUnexpected, name + "not of the page that was read last", ""};
  Result<std::string> bytes = archive_.read(pictures_[request.picture], kMostPictureBytes);
  if (!bytes) return bytes.error();
  const FileType type = file_type(*bytes);
  Result<Picture> picture = decode_picture(type.kind, *bytes, picture_budget(limits_));
  if (!picture) return picture.error();
  // A pixel is a point, or less where the picture has too many for one raster.
  const double pixels = static_cast<double>(picture->width) * picture->height;
  const double most = 0.99 * static_cast<double>(limits_.max_pixels);
  proto::Render whole;
  whole.page = request.page;
  whole.dpi = 72 * std::min(1.0, std::sqrt(most / pixels));
  return reader::render_picture(*picture, {double(picture->width), double(picture->height)},
                                limits_, whole);
}

}  // namespace pdf2md::reader
