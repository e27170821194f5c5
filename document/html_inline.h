// Running text as HTML. Documents are hostile: text is escaped, and a link leads only to where a
// person may be sent.
#pragma once

#include <string>
#include <string_view>

#include "document/element.h"

namespace pdf2md::document {

// References to notes are links to "#note-N"; formulas stand as LaTeX between \( and \).
std::string html_text(const Runs& runs);

// http, https, mailto, ftp, tel: not "javascript:" and its like, whatever disguises them.
bool is_safe_link(std::string_view uri);

}  // namespace pdf2md::document
