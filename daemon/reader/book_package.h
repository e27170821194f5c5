// What an EPUB says of itself: the package document (EPUB 3.3, 5; also of EPUB 2), and its table of
// contents.
#pragma once

#include <string>
#include <vector>

#include "daemon/reader/book_archive.h"
#include "document/document_info.h"

namespace pdf2md::reader {

struct BookPackage {
  document::DocumentInfo info;     // of what the book says, bookmarks among it; pages are not set
  std::vector<std::string> spine;  // files of the archive in reading order; not the navigation
};

// Errors: kDamaged, kUnsupportedSecurity (encrypted content), kUnsupportedType (a book that consists
// of something else than XHTML), kNoPages.
Result<BookPackage> read_package(const BookArchive& archive);

}  // namespace pdf2md::reader
