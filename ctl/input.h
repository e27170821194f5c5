// A document to be sent: a file, or what came through standard input, a pipe or a device.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "proto/fd.h"

namespace pdf2md::ctl {

using FileId = std::pair<dev_t, ino_t>;
using FileIds = std::set<FileId>;

class Document {
 public:
  // `operand` as typed; "-" is standard input. Whatever cannot be read twice is first copied to an
  // unnamed temporary file, so that a busy daemon can be asked again. Errors: kIo,
  // kDocumentTooLarge (more than max_bytes; 0: no limit), kCancelled.
  static Result<Document> open(const std::string& operand, uint64_t max_bytes);

  uint64_t size() const { return size_; }
  // `count` bytes at an offset; fewer are an error (the file has shrunk).
  Result<std::string> read(uint64_t offset, size_t count) const;

 private:
  Fd fd_;
  uint64_t start_ = 0;
  uint64_t size_ = 0;
  std::string operand_;
};

// What people call the input: "paper.pdf", or "standard input".
std::string label_of(const std::string& operand);

}  // namespace pdf2md::ctl
