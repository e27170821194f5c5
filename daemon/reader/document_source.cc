#include "daemon/reader/document_source.h"

#include "daemon/reader/book_document.h"
#include "daemon/reader/file_mapping.h"
#include "daemon/reader/file_type.h"
#include "daemon/reader/page_reader.h"
#include "daemon/reader/pdf_document.h"
#include "daemon/reader/picture_document.h"
#include "daemon/reader/renderer.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kHeadBytes = 4096;

class PdfSource : public DocumentSource {
 public:
  explicit PdfSource(std::unique_ptr<PdfDocument> pdf) : pdf_(std::move(pdf)) {}
  document::DocumentInfo info() override { return pdf_->info(); }
  Result<document::PageContent> read_page(uint32_t page) override {
    return reader::read_page(*pdf_, page);
  }
  Result<RenderedPage> render(const proto::Render& request, bool shows_text) override {
    return reader::render(*pdf_, request, shows_text);
  }

 private:
  std::unique_ptr<PdfDocument> pdf_;
};

}  // namespace

Result<RenderedPage> DocumentSource::render_picture(const proto::RenderPicture&) {
  return Error{ErrorCode::kUnexpected, "this document has no pictures of their own", ""};
}

Result<std::unique_ptr<DocumentSource>> open_source(Fd file,
                                                    const std::vector<std::string>& passwords,
                                                    const proto::DocumentLimits& limits) {
  {
    Result<FileMapping> mapping = FileMapping::of(file.get());
    FileType type;
    if (mapping) type = file_type(mapping->bytes().substr(0, kHeadBytes));
    switch (type.kind) {
      case FileKind::kPng:
      case FileKind::kJpeg:
      case FileKind::kTiff:
      case FileKind::kWebp:
        return PictureDocument::open(std::move(*mapping), type.kind, limits);
      case FileKind::kEpub:
        return BookDocument::open(std::move(*mapping), limits);
      case FileKind::kPdf:
      case FileKind::kUnknown:
        break;
    }
  }
  // It explains what is none, or cannot be mapped, as well.
  Result<std::unique_ptr<PdfDocument>> pdf = PdfDocument::open(std::move(file), passwords, limits);
  if (!pdf) return pdf.error();
  return std::unique_ptr<DocumentSource>(std::make_unique<PdfSource>(std::move(*pdf)));
}

}  // namespace pdf2md::reader
