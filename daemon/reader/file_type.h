// What a file is, by its first bytes.
#pragma once

#include <string>
#include <string_view>

namespace pdf2md::reader {

enum class FileKind { kUnknown, kPdf, kPng, kJpeg, kTiff, kWebp, kEpub };

struct FileType {
  FileKind kind = FileKind::kUnknown;
  // For people, where it is of a kind that is not converted: "a Microsoft Word document"; empty:
  // nothing that we know.
  std::string seems_to_be;
  std::string advice;  // what to do about that
};

// head: the first bytes of the file, 4 KiB or the whole of it. A PDF may have up to 1024 bytes of
// something else before its header, as readers tolerate (PDF 1.7, annex H, note 13).
FileType file_type(std::string_view head);

}  // namespace pdf2md::reader
