// What tests change about a reader. Programs for use are linked with faults_none.cc, in which
// nothing can be changed; those that `make hooks` builds with faults_injected.cc.
#pragma once

#include <cstdint>

namespace pdf2md::reader {

// May be false in tests that compare output with and without it.
bool wants_sandbox();

// Called before a page is read.
void fault_at_page(uint32_t page);

}  // namespace pdf2md::reader
