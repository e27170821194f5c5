// Internal to analyse_page: what texts below each other are, as far as tables are told from prose.
#pragma once

#include <vector>

#include "document/sheet.h"

namespace pdf2md::document {

using TextColumn = std::vector<const Fragment*>;  // top to bottom

// Lines that fill their column, one after the other.
bool is_prose(const TextColumn& column);

// Sentences that go on from line to line: most lines begin in lower case, some words are broken.
// Cells of several lines do so too, but start anew with every row.
bool is_running_text(const TextColumn& column);

// Most left edges, right edges or middles agree.
bool is_aligned(const TextColumn& column);

}  // namespace pdf2md::document
