// What annotations add to a page: links, form fields, notes.
#pragma once

#include <vector>

#include "daemon/reader/pdf_document.h"
#include "document/page_content.h"

class Annot;
class Page;

namespace pdf2md::reader {

// For displaying a page: false for annotations whose appearance is not part of the document (frames
// around links, icons of notes, pop-up windows). data is not used.
bool annotation_is_content(Annot* annotation, void* data);

std::vector<document::Link> links_of(PdfDocument& document, Page& page,
                                     const PageGeometry& geometry);
std::vector<document::Widget> widgets_of(Page& page, const PageGeometry& geometry);

}  // namespace pdf2md::reader
