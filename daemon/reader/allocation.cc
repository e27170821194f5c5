#include "daemon/reader/allocation.h"

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace pdf2md::reader {
namespace {

std::atomic<bool> failed = false;
std::atomic<size_t> hopeless = SIZE_MAX;

}  // namespace

void set_memory_limit(size_t bytes) {
  hopeless = bytes == 0 ? SIZE_MAX : bytes;
}

void forget_allocation_failures() {
  errno = 0;  // which on_abort() looks at
  failed = false;
}

bool allocation_failed() {
  return failed;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

void* noted(void* memory, size_t bytes) {
  if (memory == nullptr && bytes != 0 && bytes < hopeless) failed = true;
  return memory;
}

}  // namespace
#endif

}  // namespace pdf2md::reader

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The program's own malloc() is the one that its libraries get; these are glibc's under their other
// names. What is not here (memalign, free) stays glibc's and goes with them.
extern "C" {

void* __libc_malloc(size_t bytes);                // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(size_t count, size_t bytes);  // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, size_t bytes);    // NOLINT(bugprone-reserved-identifier)

void* malloc(size_t bytes) noexcept {
  return pdf2md::reader::noted(__libc_malloc(bytes), bytes);
}

void* calloc(size_t count, size_t bytes) noexcept {
  size_t all = 0;
  if (__builtin_mul_overflow(count, bytes, &all)) all = SIZE_MAX;
  return pdf2md::reader::noted(__libc_calloc(count, bytes), all);
}

void* realloc(void* old, size_t bytes) noexcept {
  return pdf2md::reader::noted(__libc_realloc(old, bytes), bytes);
}
}
#endif
