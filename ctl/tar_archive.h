// A tar archive (POSIX ustar) of small files, in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pdf2md::ctl {

class TarArchive {
 public:
  explicit TarArchive(int64_t modified_unix_s) : modified_unix_s_(modified_unix_s) {}
  // name: at most 99 bytes.
  void add(std::string_view name, std::string_view bytes);
  // With its end; nothing may be added then.
  std::string take();

 private:
  int64_t modified_unix_s_;
  std::string bytes_;
};

}  // namespace pdf2md::ctl
