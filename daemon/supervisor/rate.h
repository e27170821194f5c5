// How fast something comes along, as a mean over the recent past. Pure.
#pragma once

#include <cstdint>

namespace pdf2md::supervisor {

class Rate {
 public:
  // There is work again: the time before this, in which nothing could come, does not count.
  void resume(int64_t now_ms) { last_ms_ = now_ms; }
  void count(int64_t now_ms);
  bool known() const { return seen_ >= kFew; }
  // Mean time from one to the next; 0 while it is not known.
  double interval_ms() const { return known() ? spent_ms_ / weight_ : 0; }
  int64_t last_ms() const { return last_ms_; }  // of the last one, or of resume()

 private:
  static constexpr uint32_t kFew = 8;
  static constexpr double kMemory = 0.99;  // the last hundred or so decide

  int64_t last_ms_ = 0;
  double weight_ = 0;
  double spent_ms_ = 0;
  uint32_t seen_ = 0;
};

inline void Rate::count(int64_t now_ms) {
  weight_ = weight_ * kMemory + 1;
  spent_ms_ = spent_ms_ * kMemory + static_cast<double>(now_ms - last_ms_);
  last_ms_ = now_ms;
  if (seen_ < kFew) ++seen_;
}

}  // namespace pdf2md::supervisor
