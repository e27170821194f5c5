#include "daemon/supervisor/assignments.h"

#include <algorithm>

namespace pdf2md::supervisor {

void Assignments::add(uint64_t worker, Task task) {
  Assigned assigned;
  assigned.worker = worker;
  if (task.kind == TaskKind::kConvert) assigned.unfinished = task.pages;
  uint64_t id = task.id;
  assigned.task = std::move(task);
  tasks_[id] = std::move(assigned);
}

Assigned* Assignments::find(uint64_t task) {
  auto at = tasks_.find(task);
  return at == tasks_.end() ? nullptr : &at->second;
}

std::optional<Assigned> Assignments::take(uint64_t task) {
  auto at = tasks_.find(task);
  if (at == tasks_.end()) return std::nullopt;
  Assigned taken = std::move(at->second);
  tasks_.erase(at);
  return taken;
}

std::vector<Assigned> Assignments::take_worker(uint64_t worker) {
  std::vector<Assigned> taken;
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    if (at->second.worker != worker) {
      ++at;
      continue;
    }
    taken.push_back(std::move(at->second));
    at = tasks_.erase(at);
  }
  return taken;
}

std::vector<uint64_t> Assignments::drop_job(uint64_t job) {
  std::vector<uint64_t> workers;
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    if (at->second.task.job != job) {
      ++at;
      continue;
    }
    if (std::find(workers.begin(), workers.end(), at->second.worker) == workers.end())
      workers.push_back(at->second.worker);
    at = tasks_.erase(at);
  }
  return workers;
}

void Assignments::page_begun(uint64_t task, uint32_t page, int64_t now_ms) {
  Assigned* assigned = find(task);
  if (assigned == nullptr) return;
  const std::vector<uint32_t>& pages = assigned->unfinished;
  if (std::find(pages.begin(), pages.end(), page) != pages.end())
    assigned->begun_ms.emplace(page, now_ms);
}

void Assignments::page_done(uint64_t task, uint32_t page) {
  Assigned* assigned = find(task);
  if (assigned == nullptr) return;
  std::erase(assigned->unfinished, page);
  assigned->begun_ms.erase(page);
}

size_t Assignments::count(uint64_t worker) const {
  return static_cast<size_t>(
      std::count_if(tasks_.begin(), tasks_.end(),
                    [worker](const auto& entry) { return entry.second.worker == worker; }));
}

bool Assignments::has_alone(uint64_t worker) const {
  return std::any_of(tasks_.begin(), tasks_.end(), [worker](const auto& entry) {
    return entry.second.worker == worker && entry.second.task.alone;
  });
}

bool Assignments::has_job(uint64_t job) const {
  return std::any_of(tasks_.begin(), tasks_.end(),
                     [job](const auto& entry) { return entry.second.task.job == job; });
}

uint64_t Assignments::any_job(uint64_t worker) const {
  for (const auto& [id, assigned] : tasks_) {
    if (assigned.worker == worker) return assigned.task.job;
  }
  return 0;
}

Assignments::Oldest Assignments::oldest_page(uint64_t worker) const {
  Oldest oldest;
  for (const auto& [id, assigned] : tasks_) {
    if (assigned.worker != worker) continue;
    for (const auto& [page, begun_ms] : assigned.begun_ms) {
      if (oldest.page != 0 && oldest.begun_ms <= begun_ms) continue;
      oldest = {id, assigned.task.job, page, begun_ms};
    }
  }
  return oldest;
}

std::vector<uint32_t> suspects(const Assigned& assigned, const Suspicion& suspicion) {
  if (suspicion.culprit_page != 0) {
    if (assigned.task.id != suspicion.culprit_task) return {};
    return {suspicion.culprit_page};
  }
  if (!suspicion.reports_begins) return assigned.unfinished;
  std::vector<uint32_t> pages;
  for (const auto& [page, ignored] : assigned.begun_ms) pages.push_back(page);
  return pages;
}

}  // namespace pdf2md::supervisor
