// Whether memory was wanting. poppler draws a page without the image that it had no memory for, and
// says nothing: such a page would pass for a whole one.
#pragma once

#include <cstddef>

namespace pdf2md::reader {

// Requests for so many bytes could never be met: what asks for them is a damaged document, which
// poppler has to cope with, and they are not counted as failures. 0: no limit.
void set_memory_limit(size_t bytes);
// Called before each request, so that only what this one lacked counts, for an abort() as well.
void forget_allocation_failures();
// Has any request for memory failed since they were forgotten? Never true under a sanitizer, which
// has an allocator of its own.
bool allocation_failed();

}  // namespace pdf2md::reader
