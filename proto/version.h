#pragma once

namespace pdf2md {

constexpr const char* kVersion = "0.1.0";

// A hash of the sources, set by the Makefile: equal in all four programs of one build.
const char* build_id();

}  // namespace pdf2md
