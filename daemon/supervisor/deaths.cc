#include "daemon/supervisor/deaths.h"

namespace pdf2md::supervisor {

void Deaths::add(proto::Death death) {
  ++total_;
  ++by_exit_[death.exit_text];
  last_.push_back(std::move(death));
  if (last_.size() > kKept) last_.pop_front();
}

proto::DeathList Deaths::list() const {
  proto::DeathList list;
  list.deaths.assign(last_.begin(), last_.end());
  list.total = total_;
  return list;
}

}  // namespace pdf2md::supervisor
