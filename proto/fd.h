// An owned file descriptor, and the few calls on descriptors that everybody needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "proto/result.h"

namespace pdf2md {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// An Error of code kIo, or kNoSpace where a disk or a quota is full: "<what>: <strerror(errno)>".
// Reads errno first thing.
Error io_error(const std::string& what);

// The whole file. Fails with kDocumentTooLarge above max_bytes.
Result<std::string> read_file(const std::string& path, size_t max_bytes);

// Temporary beside it, fsync, rename, fsync of the folder: the file is there whole or not at all.
Status write_file_durably(const std::string& path, std::string_view bytes);

// All bytes, blocking, through EINTR and short writes.
Status write_all(int fd, std::string_view bytes);

}  // namespace pdf2md
