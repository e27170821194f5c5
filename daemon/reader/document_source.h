// An open document of any type, as the worker asks about it (proto/reader_messages.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "document/document_info.h"
#include "document/page_content.h"
#include "proto/fd.h"
#include "proto/reader_messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::reader {

struct RenderedPage {
  proto::Raster header;
  Fd pixels;  // sealed memfd, header.stride × header.height bytes
};

class DocumentSource {
 public:
  virtual ~DocumentSource() = default;
  virtual document::DocumentInfo info() = 0;
  // Errors: kPageFailed, kPageTooLarge, kPageTimedOut.
  virtual Result<document::PageContent> read_page(uint32_t page) = 0;
  // shows_text: it is known that the page shows text, and so is no scan. Errors: as read_page(), and
  // kBadMessage, kOutOfMemory, kIo.
  virtual Result<RenderedPage> render(const proto::Render& request, bool shows_text) = 0;
  // Only of documents whose pages have a flow. Errors: as render(), kDamaged, kUnsupportedType,
  // kUnexpected.
  virtual Result<RenderedPage> render_picture(const proto::RenderPicture& request);
};

// What the document is, is told by its bytes. Passwords are tried in order after none.
// Errors: kNotADocument, kUnsupportedType, kTruncated, kDamaged, kNeedsPassword, kWrongPassword,
// kUnsupportedSecurity, kNoPages, kTooManyPages, kPageTooLarge, kIo.
Result<std::unique_ptr<DocumentSource>> open_source(Fd file,
                                                    const std::vector<std::string>& passwords,
                                                    const proto::DocumentLimits& limits);

}  // namespace pdf2md::reader
