#include "daemon/reader/file_type.h"

#include <algorithm>
#include <cctype>

namespace pdf2md::reader {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view bytes;
  FileKind kind = FileKind::kUnknown;
  const char* what = "";
  const char* advice = "";
};

// RIFF holds sound and films as well, so that WebP's mark stands behind the size.
constexpr Signature kConverted[] = {
    {0, "\x89PNG\r\n\x1A\n"sv, FileKind::kPng},
    {0, "\xFF\xD8\xFF"sv, FileKind::kJpeg},
    {0, "II*\0"sv, FileKind::kTiff},
    {0, "MM\0*"sv, FileKind::kTiff},
    {0, "II+\0"sv, FileKind::kTiff},
    {0, "MM\0+"sv, FileKind::kTiff},
    {8, "WEBPVP8"sv, FileKind::kWebp},
    {30, "mimetypeapplication/epub+zip"sv, FileKind::kEpub},
};

constexpr const char* kToPdf = "convert it to PDF first";
constexpr const char* kOffice =
    "convert it to PDF first, for example with: soffice --convert-to pdf";
constexpr const char* kToPng = "convert it to PNG first";
constexpr const char* kUnpack = "unpack it first";

constexpr Signature kOthers[] = {
    {30, "mimetypeapplication/vnd.oasis.opendocument"sv, {}, "an OpenDocument file", kOffice},
    {30, "[Content_Types].xml"sv, {}, "a Microsoft Office document", kOffice},
    {30, "word/"sv, {}, "a Microsoft Word document", kOffice},
    {30, "xl/"sv, {}, "a Microsoft Excel workbook", kOffice},
    {30, "ppt/"sv, {}, "a Microsoft PowerPoint presentation", kOffice},
    {0, "PK\x03\x04"sv, {}, "a ZIP archive", kUnpack},
    {0, "GIF8"sv, {}, "a GIF image", kToPng},
    {0, "BM"sv, {}, "a BMP image", kToPng},
    {4, "ftypheic"sv, {}, "a HEIC image", kToPng},
    {4, "ftypmif1"sv, {}, "a HEIF image", kToPng},
    {4, "ftypavif"sv, {}, "an AVIF image", kToPng},
    {0, "\0\0\0\x0CjP  \r\n"sv, {}, "a JPEG 2000 image", kToPng},
    {0, "\xFFO\xFFQ"sv, {}, "a JPEG 2000 image", kToPng},
    {0, "\x97JB2\r\n\x1A\n"sv, {}, "a JBIG2 image", kToPng},
    {0, "AT&TFORM"sv, {}, "a DjVu document", kToPdf},
    {0, "%!PS"sv, {}, "a PostScript document", "convert it to PDF first, for example with ps2pdf"},
    {0, "\xC5\xD0\xD3\xC6"sv, {}, "an encapsulated PostScript file", kToPdf},
    {0, "%!FDF"sv, {}, "a form data file", "convert the PDF that it belongs to"},
    {0, "%FDF"sv, {}, "a form data file", "convert the PDF that it belongs to"},
    {0,
     "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv,
     {},
     "a Microsoft Office document of the old binary form",
     kOffice},
    {0, "{\\rtf"sv, {}, "a Rich Text document", kOffice},
    {60, "BOOKMOBI"sv, {}, "a Mobipocket book", kToPdf},
    {0, "\x1F\x8B"sv, {}, "a gzip archive", kUnpack},
    {0, "BZh"sv, {}, "a bzip2 archive", kUnpack},
    {0,
     "\xFD"
     "7zXZ"sv,
     {},
     "an xz archive",
     kUnpack},
    {0, "\x28\xB5\x2F\xFD"sv, {}, "a Zstandard archive", kUnpack},
    {0, "7z\xBC\xAF\x27\x1C"sv, {}, "a 7-Zip archive", kUnpack},
    {257, "ustar"sv, {}, "a tar archive", kUnpack},
    {0,
     "\x7F"
     "ELF"sv,
     {},
     "a program",
     "give a document"},
};

bool has(std::string_view head, const Signature& signature) {
  if (head.size() < signature.offset + signature.bytes.size()) return false;
  // What lies behind a ZIP entry's header only means something in a ZIP archive.
  if (signature.offset == 30 && !head.starts_with("PK\x03\x04")) return false;
  return head.substr(signature.offset, signature.bytes.size()) == signature.bytes;
}

bool looks_like_html(std::string_view head) {
  std::string start(head.substr(0, 1024));
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start.find("<!doctype html") != std::string::npos ||
         start.find("<html") != std::string::npos;
}

}  // namespace

FileType file_type(std::string_view head) {
  // First, since such a file may speak of PDF in its first bytes.
  for (const Signature& signature : kConverted) {
    if (has(head, signature)) return {signature.kind, "", ""};
  }
  if (head.substr(0, 1024 + 4).find("%PDF") != std::string_view::npos)
    return {FileKind::kPdf, "", ""};
  for (const Signature& signature : kOthers) {
    if (has(head, signature)) return {FileKind::kUnknown, signature.what, signature.advice};
  }
  if (looks_like_html(head))
    return {FileKind::kUnknown, "an HTML page", "print it to PDF first, with any browser"};
  return {};
}

}  // namespace pdf2md::reader
