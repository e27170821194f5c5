// READ_PAGE: one page's content, in one pass.
#pragma once

#include "daemon/reader/pdf_document.h"
#include "document/page_content.h"

namespace pdf2md::reader {

// Errors: kPageFailed, kPageTooLarge, kPageTimedOut. More objects than the limit set `truncated`.
Result<document::PageContent> read_page(PdfDocument& document, uint32_t page);

}  // namespace pdf2md::reader
