#include "daemon/reader/file_type.h"

#include <algorithm>
#include <cctype>

namespace pdf2md::reader {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view bytes;
  const char* what;
};

// The EPUB signature comes before ZIP's: its first entry is an uncompressed "mimetype".
constexpr Signature kSignatures[] = {
    {30, "mimetypeapplication/epub+zip"sv, "an EPUB book"},
    {30, "mimetypeapplication/vnd.oasis.opendocument"sv, "an OpenDocument file"},
    {30, "[Content_Types].xml"sv, "a Microsoft Office document"},
    {30, "word/"sv, "a Microsoft Word document"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "\x89PNG\r\n\x1A\n"sv, "a PNG image"},
    {0, "\xFF\xD8\xFF"sv, "a JPEG image"},
    {0, "II*\0"sv, "a TIFF image"},
    {0, "MM\0*"sv, "a TIFF image"},
    {0, "II+\0"sv, "a TIFF image"},
    {0, "GIF8"sv, "a GIF image"},
    {0, "BM"sv, "a BMP image"},
    {8, "WEBP"sv, "a WebP image"},
    {0, "\0\0\0\x0CjP  \r\n"sv, "a JPEG 2000 image"},
    {0, "\xFFO\xFFQ"sv, "a JPEG 2000 image"},
    {0, "\x97JB2\r\n\x1A\n"sv, "a JBIG2 image"},
    {0, "AT&TFORM"sv, "a DjVu document"},
    {0, "%!PS"sv, "a PostScript document"},
    {0, "\xC5\xD0\xD3\xC6"sv, "an encapsulated PostScript file"},
    {0, "%!FDF"sv, "a form data file"},
    {0, "%FDF"sv, "a form data file"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "a Microsoft Office document of the old binary form"},
    {0, "{\\rtf"sv, "a Rich Text document"},
    {60, "BOOKMOBI"sv, "a Mobipocket book"},
    {0, "\x1F\x8B"sv, "a gzip archive"},
    {0, "BZh"sv, "a bzip2 archive"},
    {0,
     "\xFD"
     "7zXZ"sv,
     "an xz archive"},
    {0, "\x28\xB5\x2F\xFD"sv, "a Zstandard archive"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive"},
    {257, "ustar"sv, "a tar archive"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program"},
};

bool looks_like_html(std::string_view head) {
  std::string start(head.substr(0, 1024));
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start.find("<!doctype html") != std::string::npos ||
         start.find("<html") != std::string::npos;
}

}  // namespace

FileType file_type(std::string_view head) {
  if (head.substr(0, 1024 + 4).find("%PDF") != std::string_view::npos) return {true, ""};
  for (const Signature& signature : kSignatures) {
    if (head.size() < signature.offset + signature.bytes.size()) continue;
    // What lies behind a ZIP entry's header only means something in a ZIP archive.
    if (signature.offset == 30 && !head.starts_with("PK\x03\x04")) continue;
    if (head.substr(signature.offset, signature.bytes.size()) == signature.bytes) {
      return {false, signature.what};
    }
  }
  if (looks_like_html(head)) return {false, "an HTML page"};
  return {};
}

}  // namespace pdf2md::reader
