// What of the file system poppler needs.
#pragma once

#include <string>
#include <vector>

namespace pdf2md::reader {

// What poppler opens while it works: fonts with their configuration and caches, and its own data,
// here and in a bundle. `program`: the path of this program.
std::vector<std::string> readable_paths(const std::string& program);

}  // namespace pdf2md::reader
