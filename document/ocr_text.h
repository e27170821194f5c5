// What recognition does to running text, and the text itself shows: spaces before punctuation and
// lost ones beside quotation marks, and opening marks read as apostrophes.
#pragma once

#include "document/page_record.h"

namespace pdf2md::document {

// Mends the lines of the block that OCR read. `french`: ; : ! ? have a space before them.
void mend_ocr_text(Block& block, bool french);

}  // namespace pdf2md::document
