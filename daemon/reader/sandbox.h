// What a reader gives up before it sees a document: see SECURITY.md.
#pragma once

#include <string>
#include <vector>

namespace pdf2md::reader {

// What poppler opens while it works: fonts with their configuration and caches, and its own data,
// here and in a bundle. `program`: the path of this program.
std::vector<std::string> readable_paths(const std::string& program);

// For good: no new privileges, no new processes, few descriptors; then Landlock and seccomp, as far
// as this kernel has them. Says what holds: "seccomp+landlock7", "seccomp", "landlock2", "none".
std::string enter_sandbox(const std::vector<std::string>& readable);

}  // namespace pdf2md::reader
