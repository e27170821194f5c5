#include "daemon/worker/work_queue.h"

namespace pdf2md::worker {

void WorkQueue::push(const std::shared_ptr<Task>& task) {
  std::lock_guard<std::mutex> lock(mutex_);
  tasks_.insert(task);
  if (task->kind == TaskKind::kConvert) {
    task->remaining = task->pages.size();
    for (uint32_t page : task->pages) items_.push_back(WorkItem{task, page});
  } else {
    // Short, and a whole job waits for it: before the pages of other jobs.
    items_.push_front(WorkItem{task, 0});
  }
  changed_.notify_all();
}

std::optional<WorkItem> WorkQueue::pop() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
  if (items_.empty()) return std::nullopt;
  WorkItem item = std::move(items_.front());
  items_.pop_front();
  return item;
}

void WorkQueue::cancel(uint64_t job) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(items_, [job](const WorkItem& item) { return item.task->job == job; });
  for (const std::shared_ptr<Task>& task : tasks_) {
    if (task->job == job) task->abandoned = true;
  }
  std::erase_if(tasks_, [job](const std::shared_ptr<Task>& task) { return task->job == job; });
}

void WorkQueue::forget(const Task& task) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(tasks_,
                [&task](const std::shared_ptr<Task>& other) { return other.get() == &task; });
}

void WorkQueue::close() {
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace pdf2md::worker
