// What a program that works on a document gives up before it sees one: see SECURITY.md.
#pragma once

#include <string>
#include <vector>

namespace pdf2md::sandbox {

// For good: no new privileges, no new processes, few descriptors; then Landlock and seccomp, as far
// as this kernel has them. Of the file system, only what lies at or below `readable` is left, for
// reading. Says what holds: "seccomp+landlock7", "seccomp", "landlock2", "none".
std::string enter_sandbox(const std::vector<std::string>& readable);

}  // namespace pdf2md::sandbox
