#include "ctl/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "ctl/interrupt.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

Error too_large(const std::string& operand, uint64_t max_bytes) {
  return Error{
      ErrorCode::kDocumentTooLarge,
      label_of(operand) + ": larger than the daemon takes (" + format_bytes(max_bytes) + ")",
      "limits.max_document_bytes of the daemon sets this"};
}

Result<Fd> unnamed_temporary() {
  const char* folder = std::getenv("TMPDIR");
  if (folder == nullptr || *folder == 0) folder = "/tmp";
  Fd fd(::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  // Not every file system knows O_TMPFILE.
  std::string name = std::string(folder) + "/pdf2mdctl-XXXXXX";
  std::vector<char> pattern(name.begin(), name.end());
  pattern.push_back(0);
  fd.reset(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!fd.valid()) return io_error(std::string(folder) + ": no room for a temporary file");
  ::unlink(pattern.data());
  return fd;
}

// Everything that `from` gives, in a file. size: what was copied.
Result<Fd> copied(int from, const std::string& operand, uint64_t max_bytes, uint64_t& size) {
  Result<Fd> file = unnamed_temporary();
  if (!file) return file;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    if (wait_on(from, POLLIN, -1) == Wake::kInterrupted) {
      return Error{ErrorCode::kCancelled, "interrupted", ""};
    }
    ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return io_error(label_of(operand));
    if (n == 0) return file;
    size += static_cast<uint64_t>(n);
    if (max_bytes != 0 && size > max_bytes) return too_large(operand, max_bytes);
    Status written = write_all(file->get(), {buffer.data(), static_cast<size_t>(n)});
    if (!written) {
      Error error = written.error();
      error.message = label_of(operand) + ": copy to a temporary file: " + error.message;
      error.hint = "TMPDIR names the folder";
      return error;
    }
  }
}

}  // namespace

std::string label_of(const std::string& operand) {
  return operand == "-" ? "standard input" : printable(operand);
}

Result<Document> Document::open(const std::string& operand, uint64_t max_bytes) {
  Document document;
  document.operand_ = operand;
  if (operand == "-") {
    if (::isatty(STDIN_FILENO)) {
      return Error{ErrorCode::kIo, "standard input is a terminal: no document comes from there",
                   "name a file, or pipe a document in"};
    }
    document.fd_.reset(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  } else {
    document.fd_.reset(::open(operand.c_str(), O_RDONLY | O_CLOEXEC));
  }
  struct stat info {};
  if (!document.fd_.valid() || ::fstat(document.fd_.get(), &info) != 0) {
    return io_error(label_of(operand));
  }
  if (S_ISDIR(info.st_mode)) {
    return Error{ErrorCode::kIo, label_of(operand) + ": is a folder", "name the documents in it"};
  }
  if (!S_ISREG(info.st_mode)) {
    Result<Fd> copy = copied(document.fd_.get(), operand, max_bytes, document.size_);
    if (!copy) return copy.error();
    document.fd_ = std::move(*copy);
    return document;
  }
  // Standard input may be a file that someone has read a part of.
  off_t position = operand == "-" ? ::lseek(document.fd_.get(), 0, SEEK_CUR) : 0;
  document.start_ = static_cast<uint64_t>(std::max<off_t>(position, 0));
  uint64_t whole = static_cast<uint64_t>(info.st_size);
  document.size_ = whole > document.start_ ? whole - document.start_ : 0;
  if (max_bytes != 0 && document.size_ > max_bytes) return too_large(operand, max_bytes);
  return document;
}

Result<std::string> Document::read(uint64_t offset, size_t count) const {
  std::string bytes(count, 0);
  size_t have = 0;
  while (have < count) {
    ssize_t n = ::pread(fd_.get(), bytes.data() + have, count - have,
                        static_cast<off_t>(start_ + offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(label_of(operand_));
    if (n == 0) {
      return Error{ErrorCode::kIo, label_of(operand_) + ": became shorter while it was read",
                   "try again when nothing writes to it"};
    }
    have += static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace pdf2md::ctl
