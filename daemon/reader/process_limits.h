// What keeps one document from taking the machine along.
#pragma once

#include <cstdint>

#include "proto/fd.h"

namespace pdf2md::reader {

// No core dumps; and poppler's abort() after a failed allocation becomes exit code kOutOfMemory.
// Once.
void prepare_process();

// Bytes of a regular file; 0 for anything else.
uint64_t file_size(const Fd& file);

// Address space above what is mapped for the document itself (mapped_bytes). 0: no limit.
void limit_memory(uint64_t bytes, uint64_t mapped_bytes);

// Called before each request, so that an abort() is blamed on memory only where this request ran
// out.
void forget_allocation_failures();

[[noreturn]] void leave_out_of_memory();

}  // namespace pdf2md::reader
