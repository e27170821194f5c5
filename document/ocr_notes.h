// Footnotes of scanned pages: recognition reads raised numbers as digits that touch a word
// ("the capital,11"), and the note itself begins with the same number.
#pragma once

#include "document/page_record.h"

namespace pdf2md::document {

// Makes superscripts of both where the number of a note in small type at the page's foot is found
// in the text above as well, in the order of the notes.
void raise_note_marks(PageRecord& record, float body_size_pt);

}  // namespace pdf2md::document
