// An EPUB as a document: a page is a file of its spine.
#pragma once

#include "daemon/reader/book_archive.h"
#include "daemon/reader/book_package.h"
#include "daemon/reader/document_source.h"
#include "daemon/reader/file_mapping.h"

namespace pdf2md::reader {

class BookDocument : public DocumentSource {
 public:
  // Errors: kDamaged, kUnsupportedSecurity, kUnsupportedType, kNoPages, kTooManyPages,
  // kTooManyObjects.
  static Result<std::unique_ptr<DocumentSource>> open(FileMapping file,
                                                      const proto::DocumentLimits& limits);

  document::DocumentInfo info() override;
  Result<document::PageContent> read_page(uint32_t page) override;
  // A book has no pixels but those of its pictures.
  Result<RenderedPage> render(const proto::Render& request, bool shows_text) override;
  Result<RenderedPage> render_picture(const proto::RenderPicture& request) override;

 private:
  BookDocument(FileMapping file, BookArchive archive, BookPackage package,
               const proto::DocumentLimits& limits)
      : file_(std::move(file)),
        archive_(std::move(archive)),
        package_(std::move(package)),
        limits_(limits) {}

  FileMapping file_;
  BookArchive archive_;
  BookPackage package_;
  proto::DocumentLimits limits_;
  uint32_t page_ = 0;                  // that was read last
  std::vector<std::string> pictures_;  // of it: files of the archive
};

}  // namespace pdf2md::reader
