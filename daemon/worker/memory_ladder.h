// How many images a call may have after the device ran out of memory: 1/2^rung of what it otherwise
// may. Pure: no clock, no device.
//
// The first failure on a rung is answered by trying again as it was, now that the cache is empty;
// the next by a smaller call. On the lowest rung it waits longer and longer, since memory may be
// held by somebody who gives it back, and gives up at last. After enough good calls it climbs one
// rung.
#pragma once

#include <optional>

namespace pdf2md::worker {

constexpr int kMemoryRungs = 4;

class MemoryLadder {
 public:
  explicit MemoryLadder(int rungs) : lowest_(rungs - 1) {}

  int rung() const { return rung_; }
  // A call failed for want of memory. Milliseconds to wait before the next try; nothing: no try is
  // left.
  std::optional<int> out_of_memory();
  // A call went through.
  void succeeded();

 private:
  int lowest_;
  int rung_ = 0;
  int failures_ = 0;  // on this rung, one after the other
  int good_calls_ = 0;
};

}  // namespace pdf2md::worker
