// What the supervisor asked for, cut into items that page threads take.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/worker/peak.h"
#include "proto/worker_messages.h"

namespace pdf2md::worker {

enum class TaskKind { kProbe, kConvert, kAssemble };

struct Task {
  TaskKind kind = TaskKind::kProbe;
  uint64_t id = 0;
  uint64_t job = 0;
  std::string folder;
  proto::JobOptions options;
  proto::Effort effort = proto::Effort::kFull;
  std::vector<uint32_t> pages;
  // kConvert: pages without an answer. Whoever answers the last one answers for the task.
  std::atomic<size_t> remaining = 0;
  // The task was answered by TASK_FAILED, or its job was cancelled: what is left of it is dropped.
  std::atomic<bool> abandoned = false;
  Peak vram_peak_bytes, rss_peak_bytes;
};

struct WorkItem {
  std::shared_ptr<Task> task;
  uint32_t page = 0;  // kConvert
};

class WorkQueue {
 public:
  void push(const std::shared_ptr<Task>& task);
  // Waits; nothing once closed and empty.
  std::optional<WorkItem> pop();
  // Drops what waits of this job and marks its tasks abandoned.
  void cancel(uint64_t job);
  void forget(const Task& task);
  // No more tasks will come.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<WorkItem> items_;
  std::set<std::shared_ptr<Task>> tasks_;  // queued or under way
  bool closed_ = false;
};

}  // namespace pdf2md::worker
