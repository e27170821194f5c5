#include "proto/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pdf2md {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Error io_error(const std::string& what) {
  int saved = errno;
  std::string message = what + ": " + std::strerror(saved);
  if (saved == ENOSPC) return Error{ErrorCode::kNoSpace, message, "make room on that disk"};
  if (saved == EDQUOT)
    return Error{ErrorCode::kNoSpace, message, "make room, or have the disk quota raised"};
  if (saved == EROFS) return Error{ErrorCode::kIo, message, "mount that disk for writing"};
  return Error{ErrorCode::kIo, message, ""};
}

Result<std::string> read_file(const std::string& path, size_t max_bytes) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return io_error(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return io_error(path);
  std::string bytes;
  // st_size is a hint only: pipes and /proc files say 0.
  if (info.st_size > 0 && static_cast<size_t>(info.st_size) <= max_bytes)
    bytes.reserve(info.st_size);
  char buffer[1 << 16];
  for (;;) {
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(path);
    if (n == 0) return bytes;
    if (bytes.size() + static_cast<size_t>(n) > max_bytes) {
      return Error{ErrorCode::kDocumentTooLarge,
                   path + ": larger than " + std::to_string(max_bytes) + " bytes", ""};
    }
    bytes.append(buffer, static_cast<size_t>(n));
  }
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok{};
}

Status write_file_durably(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".tmp";
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) return io_error(temporary);
  Status written = write_all(fd.get(), bytes);
  if (written && ::fsync(fd.get()) != 0) written = io_error(temporary);
  fd.reset();
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = io_error(path);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return io_error(folder);
  return Ok{};
}

}  // namespace pdf2md
