// Pictures as documents: PNG, JPEG and WebP of one page, TIFF of several. A page is what a scan is in
// a PDF: one image that fills it.
#pragma once

#include <memory>
#include <optional>

#include "daemon/reader/document_source.h"
#include "daemon/reader/file_mapping.h"
#include "daemon/reader/picture.h"
#include "daemon/reader/picture_tiff.h"

namespace pdf2md::reader {

class PictureDocument : public DocumentSource {
 public:
  // Errors: kDamaged, kTooManyPages, kPageTooLarge, kUnsupportedType.
  static Result<std::unique_ptr<DocumentSource>> open(FileMapping file, FileKind kind,
                                                      const proto::DocumentLimits& limits);

  document::DocumentInfo info() override;
  Result<document::PageContent> read_page(uint32_t page) override;
  Result<RenderedPage> render(const proto::Render& request, bool shows_text) override;

 private:
  PictureDocument(FileMapping file, FileKind kind, const proto::DocumentLimits& limits);
  uint32_t pages() const { return tiff_ == nullptr ? 1 : tiff_->pages(); }
  // Decodes the page, unless it is the one that was decoded last.
  Result<const Picture*> picture(uint32_t page);

  FileMapping file_;
  FileKind kind_;
  proto::DocumentLimits limits_;
  PictureBudget budget_;
  std::unique_ptr<TiffFile> tiff_;
  std::optional<Picture> decoded_;
  uint32_t decoded_page_ = 0;
};

// The part of a picture that is asked for, scaled to the size of its page. Errors: kBadMessage,
// kPageTooLarge, kIo, kOutOfMemory.
Result<RenderedPage> render_picture(const Picture& picture, const PageSize& size,
                                    const proto::DocumentLimits& limits,
                                    const proto::Render& request);

// How much memory a picture's pixels may take, of all that the reader may use.
PictureBudget picture_budget(const proto::DocumentLimits& limits);

}  // namespace pdf2md::reader
