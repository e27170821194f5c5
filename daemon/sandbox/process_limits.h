// What keeps one document from taking the machine along.
#pragma once

#include <cstdint>

#include "proto/fd.h"

namespace pdf2md::sandbox {

// No core dumps, the time zone loaded; and an abort() after a failed allocation becomes exit code
// kOutOfMemory. Once.
void prepare_process();

// Bytes of a regular file; 0 for anything else.
uint64_t file_size(const Fd& file);

// Address space above the program itself and what is mapped for the document (mapped_bytes), and as much in any one
// file, of which there are only memfds. 0: no limit.
void limit_memory(uint64_t bytes, uint64_t mapped_bytes);

// For the request that follows: twice its time limit, above what was used so far. The worker kills
// a reader that is late; this holds where the worker is stopped. 0: no limit.
void limit_processor_time(uint32_t page_timeout_ms);

[[noreturn]] void leave_out_of_memory();

}  // namespace pdf2md::sandbox
