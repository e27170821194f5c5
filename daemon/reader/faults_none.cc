#include "daemon/reader/faults.h"

namespace pdf2md::reader {

bool wants_sandbox() {
  return true;
}

void fault_at_page(uint32_t) {}

}  // namespace pdf2md::reader
