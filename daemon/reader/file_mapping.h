// A whole file, mapped read-only.
#pragma once

#include <string_view>

#include "proto/fd.h"

namespace pdf2md::reader {

class FileMapping {
 public:
  // Errors: kNotADocument (not a regular file, or an empty one), kIo.
  static Result<FileMapping> of(int fd);
  FileMapping(FileMapping&& other) noexcept;
  FileMapping& operator=(FileMapping&&) = delete;
  ~FileMapping();

  std::string_view bytes() const { return bytes_; }

 private:
  explicit FileMapping(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace pdf2md::reader
