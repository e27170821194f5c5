#include "daemon/worker/work_queue.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace pdf2md::worker;

namespace {

std::shared_ptr<Task> convert_task(uint64_t job, std::vector<uint32_t> pages) {
  std::shared_ptr<Task> task = std::make_shared<Task>();
  task->kind = TaskKind::kConvert;
  task->job = job;
  task->pages = std::move(pages);
  return task;
}

}  // namespace

TEST_CASE("pages of a task come in order, each once") {
  WorkQueue queue;
  queue.push(convert_task(1, {3, 5}));
  queue.close();
  CHECK(queue.pop()->page == 3);
  CHECK(queue.pop()->page == 5);
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("a probe goes before pages that wait") {
  WorkQueue queue;
  queue.push(convert_task(1, {1}));
  queue.push(std::make_shared<Task>());
  CHECK(queue.pop()->task->kind == TaskKind::kProbe);
}

TEST_CASE(
    "cancelling a job drops its pages and abandons what is under way, and leaves others alone") {
  WorkQueue queue;
  std::shared_ptr<Task> mine = convert_task(1, {1, 2}), other = convert_task(2, {7});
  queue.push(mine);
  queue.push(other);
  WorkItem under_way = *queue.pop();
  queue.cancel(1);
  CHECK(under_way.task->abandoned);
  CHECK_FALSE(other->abandoned);
  CHECK(queue.pop()->page == 7);
}

TEST_CASE("closing wakes a thread that waits") {
  WorkQueue queue;
  bool ended = false;
  std::thread waiter([&] { ended = !queue.pop().has_value(); });
  queue.close();
  waiter.join();
  CHECK(ended);
}

TEST_CASE("a peak is the greatest value of all threads") {
  Peak peak;
  std::vector<std::thread> threads;
  for (uint64_t part = 0; part < 4; ++part) {
    threads.emplace_back([&peak, part] {
      for (uint64_t i = 0; i < 1000; ++i) peak.raise(part * 1000 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  peak.raise(5);
  CHECK(peak.value() == 3999);
}
