// The ZIP archive that an EPUB is (OCF 3.3), in memory. What its directory says is not believed: what
// is unpacked is bounded by what comes out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proto/result.h"

struct zip;

namespace pdf2md::reader {

class BookArchive {
 public:
  // bytes must live as long as this. Errors: kDamaged, kTooManyObjects.
  static Result<BookArchive> open(std::string_view bytes);

  bool has(const std::string& name) const;
  // Errors: kPageFailed where it is not there, or cannot be unpacked; kDocumentTooLarge where it
  // unpacks to more.
  Result<std::string> read(const std::string& name, size_t most_bytes) const;

 private:
  explicit BookArchive(zip* archive);
  std::unique_ptr<zip, void (*)(zip*)> archive_;
};

// Where a reference from a file of the archive leads: "OPS/text/a.xhtml", "../pictures/b%20c.png#x"
// → "OPS/pictures/b c.png". Empty where it leads out of the archive.
std::string resolved(std::string_view from, std::string_view reference);

}  // namespace pdf2md::reader
