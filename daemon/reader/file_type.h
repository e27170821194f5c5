// What a file is, by its first bytes.
#pragma once

#include <string>
#include <string_view>

namespace pdf2md::reader {

struct FileType {
  bool pdf = false;
  // For people, where it is not a PDF: "an EPUB book", "a PNG image"; empty: nothing that we know.
  std::string seems_to_be;
};

// head: the first bytes of the file, 4 KiB or the whole of it. A PDF may have up to 1024 bytes of
// something else before its header, as readers tolerate (PDF 1.7, annex H, note 13).
FileType file_type(std::string_view head);

}  // namespace pdf2md::reader
