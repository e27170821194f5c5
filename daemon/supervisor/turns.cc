#include "daemon/supervisor/turns.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

using proto::kDefaultPriority;
using proto::kHighestPriority;
using proto::kLowestPriority;

constexpr uint64_t kQuantumPages = 16;
constexpr uint64_t kOldestEvery = 4;
constexpr uint64_t kJobsPerStep = 8;

uint32_t steps_below_highest(uint32_t priority) {
  return kHighestPriority - std::clamp(priority, kLowestPriority, kHighestPriority);
}

}  // namespace

void Turns::set_max_cost(uint64_t max_cost) {
  quantum_ = static_cast<int64_t>(std::max(kQuantumPages, max_cost));
}

Turns::LevelKey Turns::level_key(const Ticket& ticket) {
  uint64_t priority = std::max(ticket.priority, kLowestPriority);
  uint64_t level = ticket.pages_given * kDefaultPriority / (kQuantumPages * priority);
  return {level, steps_below_highest(ticket.priority), ticket.job};
}

Turns::AgeKey Turns::age_key(const Ticket& ticket) {
  return {ticket.job + kJobsPerStep * steps_below_highest(ticket.priority), ticket.job};
}

Turns::WaitKey Turns::wait_key(const Ticket& ticket) {
  return {steps_below_highest(ticket.priority), ticket.job};
}

void Turns::erase(const Ticket& ticket, Owner& owner) {
  Line& line = ticket.alone_only ? owner.alone : owner.ordinary;
  line.by_level.erase(level_key(ticket));
  line.by_age.erase(age_key(ticket));
  if (!ticket.begun) owner.waiting.erase(wait_key(ticket));
}

void Turns::place(const Ticket& ticket) {
  auto [at, is_new_owner] = owners_.try_emplace(ticket.owner);
  Owner& owner = at->second;
  if (is_new_owner) {
    owner.deficit = quantum_;
    owner.place = ring_.insert(ring_.end(), ticket.owner);
  }
  auto [known, is_new_job] = tickets_.try_emplace(ticket.job, ticket);
  if (!is_new_job) {
    erase(known->second, owner);
    known->second = ticket;
  }
  Line& line = ticket.alone_only ? owner.alone : owner.ordinary;
  line.by_level.insert(level_key(ticket));
  line.by_age.insert(age_key(ticket));
  if (!ticket.begun) owner.waiting.insert(wait_key(ticket));
}

void Turns::remove(uint64_t job) {
  auto known = tickets_.find(job);
  if (known == tickets_.end()) return;
  auto at = owners_.find(known->second.owner);
  Owner& owner = at->second;
  erase(known->second, owner);
  tickets_.erase(known);
  if (!owner.ordinary.by_level.empty() || !owner.alone.by_level.empty()) return;
  ring_.erase(owner.place);
  owners_.erase(at);
}

std::optional<uint64_t> Turns::pick(Owner& owner, bool allow_alone) {
  bool any_ordinary = !owner.ordinary.by_level.empty();
  bool any_alone = allow_alone && !owner.alone.by_level.empty();
  if (!any_ordinary && !any_alone) return std::nullopt;
  // The better one of the two lines' first.
  auto first = [&](const auto& ordinary, const auto& alone) {
    if (!any_alone) return *ordinary.begin();
    if (!any_ordinary) return *alone.begin();
    return std::min(*ordinary.begin(), *alone.begin());
  };
  if (++owner.turns % kOldestEvery == 0)
    return first(owner.ordinary.by_age, owner.alone.by_age).second;
  return std::get<2>(first(owner.ordinary.by_level, owner.alone.by_level));
}

std::optional<uint64_t> Turns::next(bool allow_alone) {
  // No debt is as large as a quantum, so after one round everybody can be served.
  for (size_t left = 2 * ring_.size(); left > 0; --left) {
    Owner& owner = owners_.find(ring_.front())->second;
    if (owner.deficit > 0) {
      std::optional<uint64_t> job = pick(owner, allow_alone);
      if (job) return job;
    } else {
      owner.deficit += quantum_;
    }
    ring_.splice(ring_.end(), ring_, ring_.begin());
  }
  return std::nullopt;
}

void Turns::charge(uint64_t job, uint64_t pages) {
  auto known = tickets_.find(job);
  if (known == tickets_.end()) return;
  owners_.find(known->second.owner)->second.deficit -= static_cast<int64_t>(pages);
}

size_t Turns::position(uint64_t job) const {
  auto known = tickets_.find(job);
  if (known == tickets_.end() || known->second.begun) return 0;
  const Ticket& ticket = known->second;
  size_t rank = owners_.find(ticket.owner)->second.waiting.order_of_key(wait_key(ticket));
  size_t ahead = rank;
  bool comes_before = true;  // in each round of the ring
  for (uint32_t uid : ring_) {
    if (uid == ticket.owner) {
      comes_before = false;
      continue;
    }
    ahead += std::min(owners_.find(uid)->second.waiting.size(), rank + (comes_before ? 1 : 0));
  }
  return ahead;
}

}  // namespace pdf2md::supervisor
