#include "proto/version.h"

#ifndef PDF2MD_BUILD_ID
#error "the Makefile defines PDF2MD_BUILD_ID for this file"
#endif

namespace pdf2md {

const char* build_id() {
  return PDF2MD_BUILD_ID;
}

}  // namespace pdf2md
