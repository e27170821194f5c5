// What a program asked the disk to keep. A test cannot cut the power; it can look whether the
// system calls that protect against that were made, and in which order.
#pragma once

#include <string>
#include <vector>

namespace pdf2md::test {

// While one lives, each fsync (and fdatasync) and each rename of this program is noted, of all
// threads: "fsync PATH" and "rename FROM TO", in the order in which they were made.
class SyncLog {
 public:
  SyncLog();
  ~SyncLog();
  SyncLog(const SyncLog&) = delete;
  SyncLog& operator=(const SyncLog&) = delete;

  std::vector<std::string> entries() const;
  // Whether these were made in this order, whatever was between them.
  bool has_in_order(const std::vector<std::string>& wanted) const;
};

}  // namespace pdf2md::test
