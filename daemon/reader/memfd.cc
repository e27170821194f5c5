#include "daemon/reader/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>

namespace pdf2md::reader {

Result<Fd> sealed_memfd(std::string_view bytes) {
  Fd fd(::memfd_create("pdf2md-reader", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return io_error("memfd_create");
  Status written = write_all(fd.get(), bytes);
  if (!written) return written.error();
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
      0) {
    return io_error("sealing a memfd");
  }
  return fd;
}

}  // namespace pdf2md::reader
