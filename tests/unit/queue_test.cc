#include "daemon/supervisor/queue.h"

#include <catch2/catch.hpp>

#include "daemon/supervisor/schedule.h"

namespace pdf2md::supervisor {
namespace {

struct Desk {
  QueueLimits limits;
  Queue queue;
  Now now{1000, 5000};
  explicit Desk(QueueLimits l = {}) : limits(l), queue(l) {}

  uint64_t add(uint64_t bytes = 10, proto::JobOptions options = {}, uint32_t owner = 0) {
    Job job;
    job.id = queue.reserve(owner, bytes);
    job.uid = owner;
    job.document_bytes = bytes;
    job.options = std::move(options);
    uint64_t id = job.id;
    queue.admit(std::move(job), now);
    return id;
  }
  Task next(size_t lanes = 1, bool alone = true) {
    std::optional<Task> task = queue.next(lanes, alone, now);
    REQUIRE(task);
    return *task;
  }
  // A job that is open and has `pages` pages.
  uint64_t opened(uint32_t pages) {
    uint64_t id = add();
    Task probe = next();
    while (probe.job != id) probe = next();  // every fourth turn is the oldest job's
    proto::Probed probed;
    for (uint32_t page = 1; page <= pages; ++page) probed.pages.push_back(page);
    REQUIRE(queue.probed(probe, probed, now).ok());
    return id;
  }
  void finish_pages(const Task& task, uint8_t status = 0) {
    for (uint32_t page : task.pages) {
      proto::PageDone done;
      done.page = page;
      done.status = status;
      REQUIRE(queue.page_done(task, done, now).ok());
    }
  }
};

TEST_CASE("queue: a job from the spool to its output") {
  Desk desk;
  uint64_t id = desk.opened(3);
  Task convert = desk.next();
  CHECK(convert.kind == TaskKind::kConvert);
  CHECK(convert.pages == std::vector<uint32_t>{1, 2, 3});
  desk.finish_pages(convert);
  Task assemble = desk.next();
  CHECK(assemble.kind == TaskKind::kAssemble);
  CHECK(assemble.pages == std::vector<uint32_t>{1, 2, 3});
  REQUIRE(desk.queue.assembled(assemble, {0, {{"md", 7}}}, desk.now).ok());
  CHECK(desk.queue.find(id)->state == proto::JobState::kDone);
  CHECK_FALSE(desk.queue.next(1, true, desk.now));
  CHECK(desk.queue.unfinished() == 0);
  CHECK(desk.queue.bytes() == 0);
  std::vector<proto::Event> events = desk.queue.take_events();
  CHECK(events.front().state == proto::JobState::kQueued);
  CHECK(events.back().state == proto::JobState::kDone);
  CHECK(std::count_if(events.begin(), events.end(),
                      [](auto& e) { return e.kind == proto::EventKind::kPage; }) == 3);
}

TEST_CASE("queue: answers that make no sense are the worker's fault and change nothing") {
  Desk desk;
  uint64_t id = desk.add();
  Task probe = desk.next();
  CHECK_FALSE(desk.queue.probed(probe, {0, {3, 2}, 3, ""}, desk.now).ok());
  CHECK_FALSE(desk.queue.probed(probe, {0, {}, 3, ""}, desk.now).ok());
  CHECK_FALSE(desk.queue.assembled(probe, {0, {{"md", 7}}}, desk.now).ok());
  REQUIRE(desk.queue.probed(probe, {0, {1, 2}, 2, ""}, desk.now).ok());
  Task convert = desk.next();
  proto::PageDone stranger;
  stranger.page = 7;
  CHECK_FALSE(desk.queue.page_done(convert, stranger, desk.now).ok());
  CHECK_FALSE(desk.queue.task_done(convert, {2}).ok());
  desk.finish_pages(convert);
  Task assemble = desk.next();
  CHECK_FALSE(desk.queue.assembled(assemble, {0, {{"../secret", 7}}}, desk.now).ok());
  CHECK(desk.queue.find(id)->state == proto::JobState::kRunning);
}

TEST_CASE("queue: small jobs are finished one after the other") {
  Desk desk;
  uint64_t first = desk.opened(4);
  desk.add();
  CHECK(desk.next().job == first);
}

TEST_CASE("queue: a small job passes a book, and books share") {
  Desk desk;
  uint64_t one = desk.opened(200);
  for (int i = 0; i < 2; ++i) CHECK(desk.next().job == one);  // a quantum of 16 pages
  uint64_t two = desk.opened(200);
  int of_two = 0;
  for (int i = 0; i < 20; ++i) of_two += desk.next().job == two;
  CHECK(of_two >= 8);
  CHECK(of_two <= 12);
  uint64_t small = desk.opened(1);
  std::vector<uint64_t> turns = {desk.next().job, desk.next().job};
  CHECK(std::count(turns.begin(), turns.end(), small) == 1);
}

TEST_CASE("queue: one user's thousand jobs and another's one get the same number of pages") {
  Desk desk;
  for (int i = 0; i < 100; ++i) desk.add(10, {}, 7);
  uint64_t other = desk.add(10, {}, 8);
  int until_other = 0;
  while (desk.next().job != other) ++until_other;
  CHECK(until_other <= 16);  // a quantum
}

TEST_CASE("queue: a stream of small jobs does not starve a book") {
  Desk desk;
  uint64_t book = desk.opened(400);
  for (int i = 0; i < 8; ++i) desk.next();
  int of_book = 0;
  for (int i = 0; i < 40; ++i) {
    desk.add();
    of_book += desk.next().job == book;
  }
  CHECK(of_book == 10);
}

TEST_CASE("queue: a document is spread over all lanes") {
  Desk desk;
  desk.opened(8);
  CHECK(desk.next(4).pages.size() == 2);
  Desk long_one;
  long_one.opened(500);
  CHECK(long_one.next(4).pages.size() == long_one.limits.pages_per_task);
}

TEST_CASE("queue: room by jobs and by bytes, uploads included") {
  QueueLimits limits;
  limits.admission.max_jobs = 3;
  limits.admission.max_bytes = 100;
  Desk desk(limits);
  CHECK(desk.queue.no_room(0, 101) != "");
  CHECK(desk.queue.no_room(0, UINT64_MAX) != "");
  desk.add(60);
  uint64_t upload = desk.queue.reserve(0, 30);
  CHECK(desk.queue.no_room(0, 11) != "");
  CHECK(desk.queue.no_room(0, UINT64_MAX - 10) != "");
  CHECK(desk.queue.grow(upload, 40));
  CHECK_FALSE(desk.queue.grow(upload, 41));
  desk.queue.release(upload);
  CHECK(desk.queue.no_room(0, 40) == "");
  desk.add(1);
  desk.add(1);
  CHECK(desk.queue.no_room(0, 1) != "");
}

TEST_CASE("queue: an owner's limit is that owner's alone, and counts uploads") {
  QueueLimits limits;
  limits.admission.max_jobs_per_owner = 2;
  Desk desk(limits);
  uint64_t first = desk.add(1, {}, 7);
  uint64_t upload = desk.queue.reserve(7, 1);
  CHECK(desk.queue.no_room(7, 1).find("max_jobs_per_owner") != std::string::npos);
  CHECK(desk.queue.no_room(8, 1) == "");
  desk.queue.release(upload);
  CHECK(desk.queue.no_room(7, 1) == "");
  desk.queue.reserve(7, 1);
  REQUIRE(desk.queue.cancel(first, desk.now).ok());
  CHECK(desk.queue.no_room(7, 1) == "");
}

TEST_CASE("queue: when to try again follows from how fast jobs end") {
  Desk desk;
  CHECK(desk.queue.retry_after_ms(2000, desk.now.monotonic_ms) == 2000);
  for (int i = 0; i < 20; ++i) {
    uint64_t id = desk.add();
    desk.next();
    desk.now.monotonic_ms += 700;
    desk.queue.fail(id, Error{}, desk.now);
  }
  CHECK(desk.queue.retry_after_ms(2000, desk.now.monotonic_ms) == 700);
  CHECK(desk.queue.retry_after_ms(2000, desk.now.monotonic_ms + 5000) == 5000);
  CHECK(desk.queue.retry_after_ms(2000, desk.now.monotonic_ms + 5'000'000) == 60'000);
}

TEST_CASE("queue: a held job is not started, a released one is") {
  Desk desk;
  uint64_t held = desk.add();
  REQUIRE(desk.queue.hold(held, desk.now).ok());
  CHECK_FALSE(desk.queue.next(1, true, desk.now));
  CHECK(desk.queue.find(held)->info().held);
  CHECK(desk.queue.take_events().back().held);
  REQUIRE(desk.queue.unhold(held, desk.now).ok());
  CHECK_FALSE(desk.queue.take_events().back().held);
  CHECK(desk.next().job == held);
}

TEST_CASE("queue: a running job that is held gets no more pages, keeps those out, and its time") {
  QueueLimits limits;
  limits.job_timeout_ms = 500;
  Desk desk(limits);
  uint64_t id = desk.opened(20);
  Task out = desk.next();
  desk.now.monotonic_ms += 100;
  REQUIRE(desk.queue.hold(id, desk.now).ok());
  CHECK_FALSE(desk.queue.next(1, true, desk.now));
  CHECK(desk.queue.next_deadline_ms() == 0);
  desk.finish_pages(out);
  CHECK(desk.queue.find(id)->pages.done() == 8);
  CHECK_FALSE(desk.queue.next(1, true, desk.now));
  desk.now.monotonic_ms += 1'000'000;
  REQUIRE(desk.queue.unhold(id, desk.now).ok());
  CHECK(desk.queue.next_deadline_ms() == desk.now.monotonic_ms + 400);
  CHECK(desk.next().pages.front() == 9);
}

TEST_CASE("queue: a held job can be cancelled; one that is over can be neither held nor hurried") {
  Desk desk;
  uint64_t id = desk.add();
  REQUIRE(desk.queue.hold(id, desk.now).ok());
  REQUIRE(desk.queue.hold(id, desk.now).ok());
  REQUIRE(desk.queue.cancel(id, desk.now).ok());
  CHECK_FALSE(desk.queue.find(id)->held);
  CHECK_FALSE(desk.queue.hold(id, desk.now).ok());
  CHECK_FALSE(desk.queue.unhold(id, desk.now).ok());
  CHECK_FALSE(desk.queue.set_priority(id, 60).ok());
  CHECK_FALSE(desk.queue.hold(99, desk.now).ok());
}

TEST_CASE("queue: a job that was hurried is begun first") {
  Desk desk;
  desk.add();
  uint64_t second = desk.add();
  CHECK(desk.queue.position(second) == 1);
  REQUIRE(desk.queue.set_priority(second, 60).ok());
  CHECK(desk.queue.position(second) == 0);
  CHECK(desk.next().job == second);
}

TEST_CASE("queue: restored jobs go on where they were, new ones get new numbers") {
  Desk before;
  uint64_t id = before.opened(20);
  before.finish_pages(before.next());
  Job saved = *before.queue.find(id);
  saved.id = 40;
  Job waiting;
  waiting.id = 41;
  waiting.held = true;
  Job over;
  over.id = 39;
  over.stage = Stage::kOver;
  over.state = proto::JobState::kDone;

  Desk after;
  for (Job* job : {&over, &saved, &waiting}) after.queue.restore(*job, after.now);
  CHECK(after.queue.unfinished() == 2);
  CHECK(after.next().pages.front() == 9);
  CHECK(after.queue.next_deadline_ms() == after.now.monotonic_ms + after.limits.job_timeout_ms);
  CHECK(after.queue.waiting() == std::set<uint64_t>{41});
  CHECK(after.add() == 42);
  CHECK(after.queue.expire(after.now.monotonic_ms + after.limits.retained_ms) ==
        std::vector<uint64_t>{39});
}

TEST_CASE("queue: a document fault is final, other failures are tried again") {
  Desk desk;
  uint64_t bad = desk.add();
  desk.queue.task_failed(desk.next(), {}, Error{ErrorCode::kDamaged, "broken", ""}, desk.now);
  CHECK(desk.queue.find(bad)->state == proto::JobState::kFailed);
  uint64_t unlucky = desk.add();
  for (uint32_t i = 1; i < desk.limits.max_attempts; ++i) {
    desk.queue.task_failed(desk.next(), {}, Error{ErrorCode::kIo, "disk", ""}, desk.now);
    CHECK_FALSE(desk.queue.find(unlucky)->over());
  }
  desk.queue.task_failed(desk.next(), {}, Error{ErrorCode::kIo, "disk", ""}, desk.now);
  CHECK(desk.queue.find(unlucky)->error.code == ErrorCode::kIo);
}

TEST_CASE("queue: a full disk is waited for, unless the client waits itself") {
  Desk desk;
  Error full{ErrorCode::kNoSpace, "disk", ""};
  uint64_t patient = desk.add();
  for (int i = 0; i < 20; ++i) desk.queue.task_failed(desk.next(), {}, full, desk.now);
  CHECK_FALSE(desk.queue.find(patient)->over());
  REQUIRE(desk.queue.cancel(patient, desk.now).ok());
  Job job;
  job.id = desk.queue.reserve(0, 10);
  job.attached = true;
  uint64_t attached = job.id;
  desk.queue.admit(std::move(job), desk.now);
  for (uint32_t i = 0; i < desk.limits.max_attempts; ++i)
    desk.queue.task_failed(desk.next(), {}, full, desk.now);
  CHECK(desk.queue.find(attached)->error.code == ErrorCode::kNoSpace);
}

TEST_CASE("queue: no more ranges of a job are out at a time than workers were wished for it") {
  Desk desk;
  Job job;
  job.id = desk.queue.reserve(0, 10);
  job.max_workers = 2;
  uint64_t id = job.id;
  desk.queue.admit(std::move(job), desk.now);
  proto::Probed probed;
  for (uint32_t page = 1; page <= 100; ++page) probed.pages.push_back(page);
  REQUIRE(desk.queue.probed(desk.next(8), probed, desk.now).ok());
  Task first = desk.next(8), second = desk.next(8);
  CHECK_FALSE(desk.queue.next(8, true, desk.now));
  // Neither does it keep others from their turn.
  uint64_t other = desk.add();
  CHECK(desk.next(8).job == other);
  CHECK_FALSE(desk.queue.next(8, true, desk.now));
  // However a range ends, there is room for the next.
  desk.finish_pages(first);
  CHECK_FALSE(desk.queue.next(8, true, desk.now));
  REQUIRE(desk.queue.task_done(first, {}).ok());
  Task third = desk.next(8);
  CHECK(third.job == id);
  desk.queue.lost(second, second.pages, {}, false, desk.now);
  Task fourth = desk.next(8);
  desk.queue.task_failed(third, third.pages, Error{ErrorCode::kIo, "disk", ""}, desk.now);
  CHECK(desk.next(8).job == id);
  CHECK_FALSE(desk.queue.next(8, true, desk.now));
}

TEST_CASE("queue: errors far apart do not add up, errors in a row do") {
  Desk desk;
  uint64_t book = desk.opened(400);
  auto fail_one = [&] {
    Task task = desk.next();
    desk.queue.task_failed(task, task.pages, Error{ErrorCode::kIo, "disk", ""}, desk.now);
  };
  for (int i = 0; i < 20; ++i) {
    fail_one();
    desk.finish_pages(desk.next());
  }
  CHECK_FALSE(desk.queue.find(book)->over());
  for (uint32_t i = 0; i < desk.limits.max_attempts; ++i) fail_one();
  CHECK(desk.queue.find(book)->error.code == ErrorCode::kIo);
}

TEST_CASE("queue: an opening that dies is tried alone; ours to take is nobody's blame") {
  Desk desk;
  uint64_t id = desk.add();
  for (int i = 0; i < 10; ++i) {
    Task task = desk.next();
    CHECK_FALSE(task.alone);
    desk.queue.lost(task, {}, {}, false, desk.now);
  }
  desk.queue.lost(desk.next(), {}, {}, true, desk.now);
  CHECK_FALSE(desk.queue.next(1, false, desk.now));
  for (uint32_t i = 0; i < desk.limits.max_attempts; ++i) {
    Task task = desk.next();
    CHECK(task.alone);
    desk.queue.lost(task, {}, {}, true, desk.now);
  }
  CHECK(desk.queue.find(id)->error.code == ErrorCode::kWorkerDied);
}

TEST_CASE("queue: the job's time runs from its first task, the shorter wish counts") {
  QueueLimits limits;
  limits.job_timeout_ms = 500;
  Desk desk(limits);
  proto::JobOptions options;
  options.timeout_ms = 100;
  uint64_t id = desk.add(1, options);
  CHECK(desk.queue.next_deadline_ms() == 0);
  desk.next();
  CHECK(desk.queue.next_deadline_ms() == 1100);
  CHECK(desk.queue.overdue(1099).empty());
  CHECK(desk.queue.overdue(1100) == std::vector<uint64_t>{id});
}

TEST_CASE("queue: late answers for a cancelled job are ignored") {
  Desk desk;
  uint64_t id = desk.opened(4);
  Task task = desk.next();
  REQUIRE(desk.queue.cancel(id, desk.now).ok());
  CHECK_FALSE(desk.queue.cancel(id, desk.now).ok());
  desk.finish_pages(task);
  CHECK(desk.queue.task_done(task, {}).ok());
  CHECK(desk.queue.find(id)->state == proto::JobState::kCancelled);
}

TEST_CASE("queue: finished jobs expire by age and by number, oldest first; passwords go at once") {
  QueueLimits limits;
  limits.retained_jobs = 2;
  limits.retained_ms = 1000;
  Desk desk(limits);
  proto::JobOptions options;
  options.passwords = {"secret"};
  std::vector<uint64_t> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(desk.add(1, options));
    desk.queue.fail(ids.back(), Error{}, desk.now);
    CHECK(desk.queue.find(ids.back())->options.passwords.empty());
    desk.now.monotonic_ms += 100;
  }
  CHECK(desk.queue.expire(desk.now.monotonic_ms) == std::vector<uint64_t>{ids[0]});
  CHECK(desk.queue.expire(2100) == std::vector<uint64_t>{ids[1]});
}

// --- schedule

std::vector<Lane> lanes(std::initializer_list<size_t> tasks, size_t capacity = 2) {
  std::vector<Lane> all;
  for (size_t count : tasks) all.push_back({all.size(), true, false, count, capacity});
  return all;
}

TEST_CASE("queue: a finished job that is not wanted goes at once, the others stay") {
  Desk desk;
  std::vector<uint64_t> ids = {desk.add(), desk.add(), desk.add()};
  CHECK(desk.queue.forget(ids[1]).error().code == ErrorCode::kNotFinished);
  CHECK(desk.queue.forget(99).error().code == ErrorCode::kNoSuchJob);
  for (uint64_t id : ids) {
    REQUIRE(desk.queue.cancel(id, desk.now).ok());
    desk.queue.end_told(id);
    desk.queue.set_kept_bytes(id, 100);
  }
  desk.queue.take_changes();
  REQUIRE(desk.queue.forget(ids[1]).ok());
  CHECK(desk.queue.forget(ids[1]).error().code == ErrorCode::kNoSuchJob);
  CHECK(desk.queue.expire(desk.now.monotonic_ms) == std::vector<uint64_t>{ids[1]});
  CHECK(desk.queue.find(ids[1]) == nullptr);
  CHECK(desk.queue.kept_bytes() == 200);
  CHECK(desk.queue.take_changes().forgotten == std::vector<uint64_t>{ids[1]});
  CHECK(desk.queue.expire(desk.now.monotonic_ms).empty());
  CHECK(desk.queue.find(ids[0]) != nullptr);
}

TEST_CASE("schedule: the least loaded worker gets the task, a full or absent one none") {
  Desk desk;
  Schedule schedule;
  desk.add();
  std::vector<Lane> three = lanes({2, 1, 0});
  three[2].ready = false;
  std::vector<Placement> placed = schedule.plan(desk.queue, three, desk.now);
  REQUIRE(placed.size() == 1);
  CHECK(placed[0].worker == 1);
}

TEST_CASE("schedule: a task that must be alone waits for an idle worker, which gets nothing else") {
  Desk desk;
  Schedule schedule;
  uint64_t id = desk.opened(1);
  desk.queue.lost(desk.next(), {1}, {1}, true, desk.now);
  for (int i = 0; i < 5; ++i) desk.add();
  std::vector<Placement> placed = schedule.plan(desk.queue, lanes({1}), desk.now);
  CHECK(placed.empty());  // reserved: the worker runs empty
  placed = schedule.plan(desk.queue, lanes({0}), desk.now);
  REQUIRE(placed.size() == 1);
  CHECK(placed[0].task.job == id);
  CHECK(placed[0].task.alone);
  std::vector<Lane> busy = lanes({1});
  busy[0].has_alone = true;
  CHECK(schedule.plan(desk.queue, busy, desk.now).empty());
}

TEST_CASE("schedule: a reservation ends with its worker or its job") {
  Desk desk;
  Schedule schedule;
  uint64_t id = desk.opened(1);
  desk.queue.lost(desk.next(), {1}, {1}, true, desk.now);
  CHECK(schedule.plan(desk.queue, lanes({1}), desk.now).empty());
  std::vector<Lane> moved = lanes({1, 0});
  moved[0].ready = false;
  std::vector<Placement> placed = schedule.plan(desk.queue, moved, desk.now);
  REQUIRE(placed.size() == 1);
  CHECK(placed[0].worker == 1);
  CHECK(placed[0].task.job == id);
}

TEST_CASE("schedule: a task that was reserved is not handed out once its job is over") {
  Desk desk;
  Schedule schedule;
  uint64_t id = desk.opened(1);
  desk.queue.lost(desk.next(), {1}, {1}, true, desk.now);
  CHECK(schedule.plan(desk.queue, lanes({1}), desk.now).empty());
  REQUIRE(desk.queue.cancel(id, desk.now).ok());
  schedule.drop_job(id);
  CHECK(schedule.plan(desk.queue, lanes({0}), desk.now).empty());
}

}  // namespace
}  // namespace pdf2md::supervisor
