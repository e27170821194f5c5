// RENDER: a page, or a part of it, as pixels.
#pragma once

#include "daemon/reader/document_source.h"
#include "daemon/reader/pdf_document.h"

namespace pdf2md::reader {

// On white paper, antialiased. A clip box is widened to whole pixels and cut to the page.
// Errors: kPageFailed, kPageTooLarge (also where the raster would exceed limits.max_pixels; nothing
// is allocated then), kPageTimedOut, kIo.
// shows_text: it is known that the page shows text, and so is no scan.
Result<RenderedPage> render(PdfDocument& document, const proto::Render& request, bool shows_text);

}  // namespace pdf2md::reader
