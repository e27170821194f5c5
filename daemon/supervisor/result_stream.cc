#include "daemon/supervisor/result_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pdf2md::supervisor {

Result<ResultStream> ResultStream::open(const std::string& path) {
  // The worker made it: no link is followed, and nothing but a file is read.
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return io_error("cannot read the result");
  if (!S_ISREG(info.st_mode)) return Error{ErrorCode::kIo, "the result is not a file", ""};
  return ResultStream(std::move(file), static_cast<uint64_t>(info.st_size));
}

Result<std::string> ResultStream::next(size_t max_bytes) {
  std::string bytes(static_cast<size_t>(std::min<uint64_t>(max_bytes, size_ - sent_)), '\0');
  ssize_t n;
  do n = ::read(file_.get(), bytes.data(), bytes.size());
  while (n < 0 && errno == EINTR);
  if (n < 0) return io_error("cannot read the result");
  if (n == 0) return Error{ErrorCode::kIo, "the result became shorter while it was read", ""};
  bytes.resize(static_cast<size_t>(n));
  sent_ += static_cast<uint64_t>(n);
  return bytes;
}

}  // namespace pdf2md::supervisor
