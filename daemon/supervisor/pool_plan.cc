#include "daemon/supervisor/pool_plan.h"

#include <algorithm>
#include <map>

namespace pdf2md::supervisor {
namespace {

bool is_gone(const PoolMember& member) {
  return member.state == WorkerState::kDown && member.desired != Desired::kUp;
}

bool is_wanted(const PoolMember& member) {
  return member.desired != Desired::kDown && !is_gone(member);
}

// Wanted members by slot, the oldest first.
using Slots = std::map<uint32_t, std::vector<const PoolMember*>>;

Slots wanted_by_slot(const std::vector<PoolMember>& members) {
  Slots slots;
  for (const PoolMember& member : members) {
    if (is_wanted(member)) slots[member.slot].push_back(&member);
  }
  for (auto& [slot, wanted] : slots) {
    std::sort(wanted.begin(), wanted.end(),
              [](const PoolMember* a, const PoolMember* b) { return a->id < b->id; });
  }
  return slots;
}

// A replacement of this slot is under way. One that cannot be made ready must not keep the others
// from theirs.
bool is_replacing(const std::vector<const PoolMember*>& wanted, bool warm) {
  const PoolMember& youngest = *wanted.back();
  if (youngest.state == WorkerState::kBroken) return false;
  return wanted.size() > 1 || (!warm && youngest.state != WorkerState::kReady);
}

// There is a process more than there are slots.
bool is_leaving(const PoolMember& member) {
  return member.desired == Desired::kDown && member.state != WorkerState::kDown;
}

}  // namespace

std::vector<PoolAction> plan_pool(const std::vector<PoolMember>& members, uint32_t size,
                                  bool warm) {
  std::vector<PoolAction> actions;
  for (const PoolMember& member : members) {
    if (is_gone(member)) actions.push_back({PoolVerb::kForget, member.slot, member.id});
  }
  Slots slots = wanted_by_slot(members);
  bool replacing = std::any_of(members.begin(), members.end(), is_leaving) ||
                   std::any_of(slots.begin(), slots.end(), [warm](const auto& slot) {
                     return is_replacing(slot.second, warm);
                   });
  for (const auto& [slot, wanted] : slots) {
    if (slot >= size) {
      for (const PoolMember* member : wanted)
        actions.push_back({PoolVerb::kRetire, slot, member->id});
      continue;
    }
    const PoolMember& serving = *wanted.front();
    if (wanted.size() > 1) {
      bool taken_over = wanted.back()->state == WorkerState::kReady;
      if (taken_over) actions.push_back({PoolVerb::kRetire, slot, serving.id});
    } else if (serving.due && serving.state == WorkerState::kReady && !replacing) {
      replacing = true;
      if (warm) {
        actions.push_back({PoolVerb::kLastLife, slot, serving.id});
        actions.push_back({PoolVerb::kStart, slot, 0});
      } else {
        actions.push_back({PoolVerb::kRenew, slot, serving.id});
      }
    }
  }
  for (uint32_t slot = 0; slot < size; ++slot) {
    if (slots.count(slot) == 0) actions.push_back({PoolVerb::kStart, slot, 0});
  }
  return actions;
}

}  // namespace pdf2md::supervisor
