// What writers say where a page begins.
#pragma once

#include <string>

#include "document/element.h"

namespace pdf2md::document {

// The separator with {page} replaced; empty: none.
std::string page_mark(const std::string& separator, uint32_t page);

// "page 3 could not be converted: renderer timed out", on one line; empty: nothing is wrong.
std::string problem_of(const PageStart& start);

}  // namespace pdf2md::document
