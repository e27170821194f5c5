#include "daemon/supervisor/forecast.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

// A pool that does a page in 100 ms.
struct Pool {
  Queue queue{QueueLimits{}};
  Now now{1000, 5000};

  uint64_t add() {
    Job job;
    job.id = queue.reserve(0, 1);
    uint64_t id = job.id;
    queue.admit(std::move(job), now);
    return id;
  }
  uint64_t opened(uint32_t pages) {
    uint64_t id = add();
    Task probe = *queue.next(1, true, now);
    REQUIRE(probe.job == id);
    proto::Probed probed;
    for (uint32_t page = 1; page <= pages; ++page) probed.pages.push_back(page);
    REQUIRE(queue.probed(probe, probed, now).ok());
    return id;
  }
  void do_pages(uint32_t count) {
    while (count > 0) {
      Task task = *queue.next(1, true, now);
      for (uint32_t page : task.pages) {
        now.monotonic_ms += 100;
        proto::PageDone done;
        done.page = page;
        REQUIRE(queue.page_done(task, done, now).ok());
        --count;
      }
    }
  }
  proto::JobInfo info(uint64_t id) { return Forecast(queue).info(*queue.find(id)); }
};

TEST_CASE("forecast: nothing is foretold before there are figures") {
  Pool pool;
  CHECK(pool.info(pool.opened(100)).eta_ms == 0);
}

TEST_CASE("forecast: one book takes its pages' time") {
  Pool pool;
  uint64_t book = pool.opened(100);
  pool.do_pages(40);
  CHECK(pool.info(book).eta_ms / 100 == 60);
}

TEST_CASE("forecast: time without work does not count") {
  Pool pool;
  uint64_t first = pool.opened(40);
  pool.do_pages(40);
  Task assemble = *pool.queue.next(1, true, pool.now);
  REQUIRE(pool.queue.assembled(assemble, {0, {}}, pool.now).ok());
  CHECK(pool.info(first).eta_ms == 0);
  pool.now.monotonic_ms += 3'600'000;
  uint64_t book = pool.opened(100);
  pool.do_pages(8);
  CHECK(pool.info(book).eta_ms / 100 == 92);
}

TEST_CASE("forecast: nor does time in which the only job was held") {
  Pool pool;
  uint64_t book = pool.opened(100);
  pool.do_pages(40);
  REQUIRE(pool.queue.hold(book, pool.now).ok());
  pool.now.monotonic_ms += 3'600'000;
  REQUIRE(pool.queue.unhold(book, pool.now).ok());
  pool.do_pages(8);
  CHECK(pool.info(book).eta_ms / 100 == 52);
}

TEST_CASE("forecast: books share, and a waiting job counts what is ahead") {
  Pool pool;
  uint64_t book = pool.opened(100);
  pool.do_pages(40);
  uint64_t other = pool.opened(20);
  CHECK(pool.info(other).eta_ms / 100 == 40);
  CHECK(pool.info(book).eta_ms / 100 == 80);
  uint64_t next = pool.add();
  uint64_t last = pool.add();
  CHECK(pool.info(last).position == 1);
  CHECK(pool.info(next).eta_ms / 100 == 3);  // its one page, and one of each that runs
  CHECK(pool.info(last).eta_ms / 100 == 4);
  REQUIRE(pool.queue.hold(book, pool.now).ok());
  CHECK(pool.info(book).eta_ms == 0);
  CHECK(pool.info(other).eta_ms / 100 == 20);
}

}  // namespace
}  // namespace pdf2md::supervisor
