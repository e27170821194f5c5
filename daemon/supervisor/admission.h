// How much may be in the queue: unfinished jobs and uploads under way, by number, by bytes and by
// owner. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace pdf2md::supervisor {

struct AdmissionLimits {
  uint32_t max_jobs = 1000;
  uint64_t max_bytes = 16ull << 30;  // of their documents
  uint32_t max_jobs_per_owner = 0;   // 0: no limit
};

class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits) : limits_(limits) {}
  void set_limits(const AdmissionLimits& limits) { limits_ = limits; }

  // Why there is no room for another document of `bytes`; "" if there is.
  std::string no_room(uint32_t owner, uint64_t bytes) const;
  // A job that is restored was admitted before: nobody asks whether there is room.
  void add(uint64_t job, uint32_t owner, uint64_t bytes);
  // The document has grown. False: no room any more, and nothing is changed.
  bool grow(uint64_t job, uint64_t bytes);
  void remove(uint64_t job);

  size_t jobs() const { return places_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Place {
    uint32_t owner = 0;
    uint64_t bytes = 0;
  };

  AdmissionLimits limits_;
  std::unordered_map<uint64_t, Place> places_;
  std::unordered_map<uint32_t, uint32_t> by_owner_;
  uint64_t bytes_ = 0;
};

}  // namespace pdf2md::supervisor
