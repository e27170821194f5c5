// Writes small PDFs for tests: correct cross-reference table, optionally encrypted with RC4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pdf2md::test {

struct PdfPage {
  std::string content;  // content stream
  std::string media_box = "0 0 612 792";
  std::string extra;  // further entries of the page dictionary, "/Rotate 90"
};

// Objects 1 (catalog), 2 (page tree), 3 (Helvetica), 4 (Courier) are made by the builder; F1 and F2
// are the fonts' names in content streams. Pages follow from object 5: page i is 5 + 2 i, its
// content 6 + 2 i.
class PdfBuilder {
 public:
  PdfBuilder& page(PdfPage page);
  PdfBuilder& page(const std::string& content) { return page(PdfPage{content, "0 0 612 792", ""}); }
  // Number of the first object that add() will use. Only after all pages.
  int next_object() const {
    return 5 + 2 * static_cast<int>(pages_.size()) + static_cast<int>(objects_.size());
  }
  // A further object; returns its number. Only after all pages.
  int add(const std::string& object);
  int add_stream(const std::string& dictionary, const std::string& data);
  // "/Im1 12 0 R": entries of /XObject of all pages.
  PdfBuilder& xobjects(const std::string& entries) { return xobjects_ = entries, *this; }
  PdfBuilder& fonts(const std::string& entries) { return fonts_ = entries, *this; }
  PdfBuilder& catalog(const std::string& entries) { return catalog_ = entries, *this; }
  PdfBuilder& info(const std::string& entries) { return info_ = entries, *this; }
  // Standard security handler, V 1, R 2, 40-bit RC4. An empty user password opens for everyone.
  PdfBuilder& encrypt(const std::string& user, const std::string& owner);
  // Replaces the encryption dictionary's /Filter.
  PdfBuilder& security_handler(const std::string& name) { return handler_ = name, *this; }
  // Replaces its "/V 1 /R 2"; the encryption stays what it is.
  PdfBuilder& security_version(const std::string& entries) {
    return security_version_ = entries, *this;
  }

  std::string build() const;

 private:
  std::vector<PdfPage> pages_;
  std::vector<std::string> objects_;
  std::string xobjects_, fonts_, catalog_, info_, user_, owner_;
  std::string handler_ = "Standard";
  std::string security_version_ = "/V 1 /R 2";
  bool encrypted_ = false;
};

// The primitives that the encryption is made of (RFC 1321; RC4 as PDF 1.7, 7.6.2 uses it).
std::string md5(const std::string& data);
std::string rc4(const std::string& key, const std::string& data);

// A descriptor of an unlinked temporary file with these bytes, at offset 0.
int file_with(const std::string& bytes);

}  // namespace pdf2md::test
