#include "daemon/reader/file_mapping.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <utility>

namespace pdf2md::reader {

Result<FileMapping> FileMapping::of(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return io_error("the document");
  if (!S_ISREG(info.st_mode) || info.st_size == 0)
    return Error{ErrorCode::kNotADocument, "the document is empty, or not a regular file", ""};
  const size_t size = static_cast<size_t>(info.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED) return io_error("mapping the document");
  return FileMapping(std::string_view(static_cast<const char*>(memory), size));
}

FileMapping::FileMapping(FileMapping&& other) noexcept
    : bytes_(std::exchange(other.bytes_, std::string_view())) {}

FileMapping::~FileMapping() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace pdf2md::reader
