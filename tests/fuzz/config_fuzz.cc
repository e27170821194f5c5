// The configuration file, on arbitrary bytes: problems are reported, and what is accepted prints as
// it was read.
#include <cstddef>
#include <cstdint>

#include "daemon/supervisor/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md::supervisor;
  Config config;
  ConfigProblems problems;
  apply_file("fuzz", std::string_view(reinterpret_cast<const char*>(data), size), config, problems);
  if (!problems.empty()) return 0;
  // Paths have no default here, and an empty path is refused: give them one.
  for (const Key& key : all_keys()) {
    if (key.syntax == "path" && key.print(config) == "\"\"") key.assign(config, std::string("/x"));
  }
  std::string printed = print_config(config);
  Config again;
  apply_file("again", printed, again, problems);
  if (!problems.empty() || print_config(again) != printed) __builtin_trap();
  return 0;
}
