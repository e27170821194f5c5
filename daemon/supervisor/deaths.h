// The last deaths of workers, and how many there were for which reason. Pure.
#pragma once

#include <deque>
#include <map>

#include "proto/admin_messages.h"

namespace pdf2md::supervisor {

class Deaths {
 public:
  static constexpr size_t kKept = 32;

  void add(proto::Death death);
  proto::DeathList list() const;
  uint64_t total() const { return total_; }
  // By how they ended: "signal 9 (Killed)", "exit 68 (device fault)".
  const std::map<std::string, uint64_t>& by_exit() const { return by_exit_; }

 private:
  std::deque<proto::Death> last_;
  std::map<std::string, uint64_t> by_exit_;
  uint64_t total_ = 0;
};

}  // namespace pdf2md::supervisor
