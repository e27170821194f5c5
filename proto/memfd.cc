#include "proto/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace pdf2md::proto {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

Result<Fd> new_memfd() {
  Fd fd(::memfd_create("pdf2md", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return io_error("memfd_create");
  return fd;
}

Result<Fd> sealed(Fd fd) {
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) return io_error("sealing a memfd");
  return fd;
}

}  // namespace

Result<Fd> sealed_memfd(std::string_view bytes) {
  Result<Fd> fd = new_memfd();
  if (!fd) return fd.error();
  Status written = write_all(fd->get(), bytes);
  if (!written) return written.error();
  return sealed(std::move(*fd));
}

Result<MappedMemfd> MappedMemfd::create(size_t bytes) {
  Result<Fd> fd = new_memfd();
  if (!fd) return fd.error();
  if (::ftruncate(fd->get(), static_cast<off_t>(bytes)) != 0) return io_error("sizing a memfd");
  // All pages at once: a fault for each of them would take longer than writing it.
  void* data =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd->get(), 0);
  if (data == MAP_FAILED)
    return Error{ErrorCode::kOutOfMemory, "no memory to map " + std::to_string(bytes) + " bytes",
                 "raise limits.reader_memory_mib"};
  return MappedMemfd(std::move(*fd), static_cast<uint8_t*>(data), bytes);
}

MappedMemfd::MappedMemfd(MappedMemfd&& other) noexcept
    : fd_(std::move(other.fd_)),
      data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)) {}

MappedMemfd::~MappedMemfd() {
  unmap();
}

void MappedMemfd::unmap() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
  data_ = nullptr;
}

Result<Fd> MappedMemfd::seal() {
  unmap();  // what can still be written cannot be sealed
  return sealed(std::move(fd_));
}

Result<size_t> sealed_size(int fd) {
  int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) {
    return Error{ErrorCode::kBadMessage, "a descriptor came without the seals that were agreed",
                 ""};
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0) return io_error("a memfd");
  return static_cast<size_t>(info.st_size);
}

Mapping::Mapping(int fd, size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  data_ = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data_ == MAP_FAILED) data_ = nullptr;
}

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

}  // namespace pdf2md::proto
