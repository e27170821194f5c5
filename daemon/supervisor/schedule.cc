#include "daemon/supervisor/schedule.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

Lane* least_loaded(std::vector<Lane>& lanes, const std::optional<uint64_t>& except) {
  Lane* best = nullptr;
  for (Lane& lane : lanes) {
    if (!lane.ready || lane.has_alone || lane.tasks >= lane.capacity || lane.worker == except)
      continue;
    if (best == nullptr || lane.tasks < best->tasks) best = &lane;
  }
  return best;
}

}  // namespace

std::vector<Placement> Schedule::plan(Queue& queue, std::vector<Lane> lanes, Now now) {
  std::vector<Placement> placements;
  size_t capacity = 0;
  for (const Lane& lane : lanes) capacity += lane.ready ? lane.capacity : 0;
  auto place = [&](Lane& lane, Task task) {
    ++lane.tasks;
    lane.has_alone = task.alone;
    placements.push_back({lane.worker, std::move(task)});
  };

  if (reserved_) {
    auto lane = std::find_if(lanes.begin(), lanes.end(),
                             [&](const Lane& one) { return one.worker == reserved_->worker; });
    if (lane == lanes.end() || !lane->ready) {
      // It died or drains meanwhile: the task waits for another.
      queue.lost(reserved_->task, reserved_->task.pages, {}, false, now);
      reserved_.reset();
    } else if (lane->tasks == 0) {
      place(*lane, std::move(reserved_->task));
      reserved_.reset();
    }
  }
  for (;;) {
    std::optional<uint64_t> except;
    if (reserved_) except = reserved_->worker;
    Lane* lane = least_loaded(lanes, except);
    if (lane == nullptr) return placements;
    std::optional<Task> task = queue.next(capacity, !reserved_, now);
    if (!task) return placements;
    if (task->alone && lane->tasks > 0)
      reserved_ = Reservation{lane->worker, std::move(*task)};
    else
      place(*lane, std::move(*task));
  }
}

void Schedule::drop_job(uint64_t job) {
  if (reserved_ && reserved_->task.job == job) reserved_.reset();
}

}  // namespace pdf2md::supervisor
