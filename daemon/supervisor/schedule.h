// Which worker gets which task. Pure: works on a picture of the workers and on the queue.
#pragma once

#include <optional>
#include <vector>

#include "daemon/supervisor/queue.h"

namespace pdf2md::supervisor {

struct Lane {
  uint64_t worker = 0;
  bool ready = false;
  bool has_alone = false;
  size_t tasks = 0;
  size_t capacity = 1;  // tasks at a time
};

struct Placement {
  uint64_t worker = 0;
  Task task;
};

// Gives tasks to the least loaded workers. A task that must be alone waits for a worker that has
// nothing else: one worker gets nothing new until it is idle, and then that task.
class Schedule {
 public:
  std::vector<Placement> plan(Queue& queue, std::vector<Lane> lanes, Now now);
  void drop_job(uint64_t job);

 private:
  struct Reservation {
    uint64_t worker = 0;
    Task task;
  };
  std::optional<Reservation> reserved_;
};

}  // namespace pdf2md::supervisor
