#include "daemon/supervisor/admission.h"

namespace pdf2md::supervisor {

std::string Admission::no_room(uint32_t owner, uint64_t bytes) const {
  if (places_.size() >= limits_.max_jobs)
    return "the queue is full: " + std::to_string(places_.size()) + " jobs";
  if (bytes > limits_.max_bytes || bytes_ > limits_.max_bytes - bytes)
    return "the queue is full: its documents have " + std::to_string(bytes_) + " bytes";
  auto own = by_owner_.find(owner);
  bool too_many = limits_.max_jobs_per_owner != 0 && own != by_owner_.end() &&
                  own->second >= limits_.max_jobs_per_owner;
  if (too_many) {
    return "user " + std::to_string(owner) + " has " + std::to_string(own->second) +
           " unfinished jobs, as many as queue.max_jobs_per_owner allows";
  }
  return "";
}

void Admission::add(uint64_t job, uint32_t owner, uint64_t bytes) {
  auto [place, is_new] = places_.try_emplace(job, Place{owner, 0});
  if (is_new) ++by_owner_[owner];
  bytes_ += bytes - place->second.bytes;
  place->second.bytes = bytes;
}

bool Admission::grow(uint64_t job, uint64_t bytes) {
  auto place = places_.find(job);
  if (place == places_.end()) return false;
  uint64_t& held = place->second.bytes;
  if (bytes <= held) return true;
  if (bytes_ - held + bytes > limits_.max_bytes) return false;
  bytes_ += bytes - held;
  held = bytes;
  return true;
}

void Admission::remove(uint64_t job) {
  auto place = places_.find(job);
  if (place == places_.end()) return;
  bytes_ -= place->second.bytes;
  auto own = by_owner_.find(place->second.owner);
  if (--own->second == 0) by_owner_.erase(own);
  places_.erase(place);
}

}  // namespace pdf2md::supervisor
