#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "daemon/supervisor/journal.h"
#include "daemon/supervisor/queue.h"
#include "daemon/supervisor/result_cache.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/sync_log.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::supervisor {
namespace {

struct Folder : test::TemporaryFolder {
  std::string file() const { return path() + "/journal.db"; }
};

std::unique_ptr<JournalFile> open(const Folder& folder) {
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(folder.file());
  if (!file) FAIL(to_string(file.error()));
  return std::move(*file);
}

JournalContents read(JournalFile& file) {
  Result<JournalContents> contents = file.read();
  if (!contents) FAIL(to_string(contents.error()));
  return *contents;
}

JobRecord record(uint64_t id, proto::JobState state = proto::JobState::kQueued) {
  JobRecord record;
  record.id = id;
  record.uid = 1000;
  record.options.name = "a.pdf";
  record.options.outputs = {"md", "json"};
  record.document_bytes = 77;
  record.state = state;
  record.pages = "1-3,7";
  record.submitted_unix_ms = 123;
  return record;
}

}  // namespace

TEST_CASE("journal: what was written is read again, by another process's eyes too") {
  Folder folder;
  {
    std::unique_ptr<JournalFile> file = open(folder);
    JournalBatch batch;
    batch.jobs = {record(5), record(6)};
    batch.pages = {{5, 1, true, 2, false, 0}, {5, 7, false, 0, true, 2}};
    batch.id_limit = 105;
    REQUIRE(file->write(batch).ok());
  }
  std::unique_ptr<JournalFile> file = open(folder);
  JournalContents contents = read(*file);
  REQUIRE(contents.jobs.size() == 2);
  CHECK(contents.jobs[0].id == 5);
  CHECK(contents.jobs[0].options.name == "a.pdf");
  CHECK(contents.jobs[0].options.outputs == std::vector<std::string>{"md", "json"});
  CHECK(contents.jobs[0].pages == "1-3,7");
  CHECK(contents.jobs[0].document_bytes == 77);
  REQUIRE(contents.pages.size() == 2);
  CHECK(contents.pages[0].done);
  CHECK(contents.pages[0].status == 2);
  CHECK(contents.pages[1].page == 7);
  CHECK(contents.pages[1].suspect);
  CHECK(contents.pages[1].deaths == 2);
  CHECK(contents.id_limit == 105);
  struct stat info {};
  REQUIRE(::stat(folder.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("journal: a job that is over takes its pages along, also in one batch") {
  Folder folder;
  std::unique_ptr<JournalFile> file = open(folder);
  JournalBatch batch;
  batch.pages = {{5, 1, true, 0, false, 0}};
  batch.jobs = {record(5, proto::JobState::kDone), record(6)};
  REQUIRE(file->write(batch).ok());
  JournalContents contents = read(*file);
  CHECK(contents.jobs.size() == 2);
  CHECK(contents.pages.empty());
  JournalBatch forget;
  forget.forgotten = {5};
  REQUIRE(file->write(forget).ok());
  CHECK(read(*file).jobs.size() == 1);
}

TEST_CASE("journal: a damaged file is refused with a way out, and never overwritten") {
  Folder folder;
  std::string junk = "this is not a database, but it is long enough to be looked at by SQLite, " +
                     std::string(4096, 'x');
  std::ofstream(folder.file()) << junk;
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(folder.file());
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().code == ErrorCode::kIo);
  CHECK(file.error().hint.find("move it") != std::string::npos);
  CHECK(std::filesystem::file_size(folder.file()) == junk.size());
}

TEST_CASE("journal: pages of the file overwritten are noticed when it is opened") {
  Folder folder;
  {
    std::unique_ptr<JournalFile> file = open(folder);
    JournalBatch batch;
    for (uint64_t id = 1; id < 200; ++id) batch.jobs.push_back(record(id));
    REQUIRE(file->write(batch).ok());
  }
  {
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(size_t{3} * 4096, '\xff');
  }
  CHECK_FALSE(JournalFile::open(folder.file()).ok());
}

TEST_CASE("journal: a batch that fails leaves nothing of itself, and the next one is written") {
  Folder folder;
  std::unique_ptr<JournalFile> file = open(folder);
  JournalBatch batch;
  batch.jobs = {record(1)};
  REQUIRE(file->write(batch).ok());
  JournalBatch second;
  for (uint64_t id = 2; id < 500; ++id) second.jobs.push_back(record(id));
  Status written = Ok{};
  {
    test::FullDisk full;
    written = file->write(second);
  }
  REQUIRE_FALSE(written.ok());
  CHECK(read(*file).jobs.size() == 1);
  REQUIRE(file->write(second).ok());
  CHECK(read(*file).jobs.size() == 499);
}

TEST_CASE("journal: a batch is on disk when it is written") {
  Folder folder;
  std::unique_ptr<JournalFile> file = open(folder);
  for (uint64_t id = 1; id <= 3; ++id) {
    test::SyncLog log;
    JournalBatch batch;
    batch.jobs = {record(id)};
    REQUIRE(file->write(batch).ok());
    CHECK(log.has_in_order({"fsync " + folder.file() + "-wal"}));
  }
}

TEST_CASE("journal: one of a newer version is refused and left as it is") {
  Folder folder;
  open(folder);
  {
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);  // user_version, see SQLite's file format
    file.write("\0\0\0\x63", 4);
  }
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(folder.file());
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().message.find("version 99") != std::string::npos);
}

// Turns the loop until the journal has nothing to do. False: it does not get there.
bool settles(EventLoop& loop, const Journal& journal) {
  Timer poll(loop);
  int turns = 0;
  poll.every(10, [&] {
    if (journal.idle() || ++turns == 3000) loop.stop();
  });
  loop.run();
  return journal.idle();
}

TEST_CASE("journal: what cannot be written is written later, before what came after it") {
  Folder folder;
  EventLoop loop;
  Journal journal(loop, open(folder));
  std::vector<int> order;
  std::optional<test::FullDisk> full(std::in_place);
  auto batch_of = [](proto::JobState state) {
    JournalBatch batch;
    batch.jobs = {record(1, state)};
    return batch;
  };
  journal.record(batch_of(proto::JobState::kRunning), [&] { order.push_back(1); });
  journal.record(batch_of(proto::JobState::kDone), [&] { order.push_back(2); });
  Timer room(loop);
  bool was_told = false;
  room.every(5, [&] {
    if (journal.state()) return;
    was_told = true;
    CHECK(order.empty());
    CHECK_FALSE(journal.idle());
    full.reset();
    room.stop();
  });
  REQUIRE(settles(loop, journal));
  CHECK(was_told);
  CHECK(journal.state().ok());
  CHECK(order == std::vector<int>{1, 2});
  CHECK(read(*open(folder)).jobs.at(0).state == proto::JobState::kDone);
}

TEST_CASE("journal: what was required is tried once, and the error told") {
  Folder folder;
  EventLoop loop;
  Journal journal(loop, open(folder));
  test::FullDisk full;
  int answers = 0;
  JournalBatch batch;
  batch.jobs = {record(1)};
  journal.require(std::move(batch), [&](const Status& written) {
    CHECK(written.error().code == ErrorCode::kIo);
    ++answers;
  });
  REQUIRE(settles(loop, journal));
  CHECK(answers == 1);
}

TEST_CASE("journal: group commit answers everybody, in order, and on the loop's thread") {
  Folder folder;
  EventLoop loop;
  Journal journal(loop, open(folder));
  std::vector<int> order;
  std::thread::id here = std::this_thread::get_id();
  for (int i = 0; i < 50; ++i) {
    JournalBatch batch;
    batch.jobs = {record(static_cast<uint64_t>(i) + 1)};
    if (i % 2 == 0) {
      journal.require(std::move(batch), [&, i](const Status& written) {
        CHECK(written.ok());
        CHECK(std::this_thread::get_id() == here);
        order.push_back(i);
      });
    } else {
      journal.record(std::move(batch), [&, i] { order.push_back(i); });
    }
  }
  Timer poll(loop);
  poll.every(1, [&] {
    if (journal.idle()) loop.stop();
  });
  loop.run();
  REQUIRE(order.size() == 50);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(read(*open(folder)).jobs.size() == 50);
}

TEST_CASE("journal: what cannot be written is told as tried at once, as written later") {
  Folder folder;
  EventLoop loop;
  Journal journal(loop, open(folder));
  // No file may grow any more.
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit none = before;
  none.rlim_cur = 1;
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &none);
  std::vector<std::string> order;
  JournalBatch batch;
  batch.jobs = {record(1)};
  journal.record(
      std::move(batch), [&] { order.push_back("written"), loop.stop(); },
      [&] {
        order.push_back("tried");
        CHECK_FALSE(journal.state().ok());
        ::setrlimit(RLIMIT_FSIZE, &before);
      });
  loop.run();
  CHECK(order == std::vector<std::string>{"tried", "written"});
  CHECK(read(*open(folder)).jobs.size() == 1);
}

TEST_CASE("queue: what it tells the journal makes an equal queue") {
  Queue queue{QueueLimits{}};
  Now now{1000, 5000};
  Job job;
  job.id = queue.reserve(0, 10);
  job.document_bytes = 10;
  job.options.passwords = {"secret"};
  job.options.name = "book.pdf";
  queue.admit(Job(job), now);
  Task probe = *queue.next(1, true, now);
  proto::Probed probed;
  for (uint32_t page = 1; page <= 6; ++page) probed.pages.push_back(page);
  REQUIRE(queue.probed(probe, probed, now).ok());
  Task convert = *queue.next(1, true, now);
  REQUIRE(convert.pages.size() == 6);
  proto::PageDone done;
  done.page = 2;
  REQUIRE(queue.page_done(convert, done, now).ok());
  done.page = 4;
  done.status = kPageDegraded;
  REQUIRE(queue.page_done(convert, done, now).ok());
  queue.lost(convert, {1, 3, 5, 6}, {3}, true, now);

  JournalContents contents;
  JournalBatch changes = queue.take_changes();
  contents.id_limit = changes.id_limit;
  CHECK(contents.id_limit > job.id);
  Folder folder;
  std::unique_ptr<JournalFile> file = open(folder);
  JournalBatch admitted;  // which the intake writes
  admitted.jobs = {queue.find(job.id)->record()};
  CHECK(admitted.jobs[0].options.passwords.empty());
  REQUIRE(file->write(admitted).ok());
  REQUIRE(file->write(changes).ok());

  Queue again{QueueLimits{}};
  contents = read(*file);
  again.start_ids_at(contents.id_limit);
  again.restore(Job::from(contents.jobs[0], contents.pages), now);
  const Job* restored = again.find(job.id);
  REQUIRE(restored != nullptr);
  CHECK(restored->options.name == "book.pdf");
  CHECK(restored->stage == Stage::kPages);
  CHECK(restored->pages.done() == 2);
  CHECK(restored->pages.degraded() == std::vector<uint32_t>{4});
  CHECK(restored->pages.retries() == 1);
  CHECK(again.bytes() == 10);
  CHECK(again.reserve(0, 1) >= contents.id_limit);
  Task rest = *again.next(1, true, now);
  CHECK(rest.pages == std::vector<uint32_t>{1, 5, 6});
  Task suspect = *again.next(1, true, now);
  CHECK(suspect.pages == std::vector<uint32_t>{3});
  CHECK(suspect.alone);
}

TEST_CASE("queue: what a client or a death changes is told the journal at once") {
  Queue queue{QueueLimits{}};
  Now now{1000, 5000};
  Job job;
  job.id = queue.reserve(0, 10);
  uint64_t id = job.id;
  queue.admit(std::move(job), now);
  auto told = [&] {
    JournalBatch changes = queue.take_changes();
    REQUIRE_FALSE(changes.jobs.empty());
    return changes.jobs.back();
  };
  REQUIRE(queue.hold(id, now).ok());
  CHECK(told().held);
  REQUIRE(queue.unhold(id, now).ok());
  CHECK_FALSE(told().held);
  REQUIRE(queue.set_priority(id, 70).ok());
  CHECK(told().priority == 70);
  queue.lost(*queue.next(1, true, now), {}, {}, true, now);
  CHECK(told().stage_suspect);
  queue.lost(*queue.next(1, true, now), {}, {}, true, now);
  CHECK(told().stage_failures == 1);
  proto::Probed probed;
  probed.pages = {1, 2, 3};
  REQUIRE(queue.probed(*queue.next(1, true, now), probed, now).ok());
  JobRecord opened = told();
  CHECK(opened.pages == "1-3");
  CHECK_FALSE(opened.stage_suspect);
  CHECK(opened.stage_failures == 0);
  REQUIRE(queue.cancel(id, now).ok());
  CHECK(told().state == proto::JobState::kCancelled);
}

TEST_CASE("queue: a finished job comes back with its results, and expires by bytes") {
  QueueLimits limits;
  limits.retained_bytes = 100;
  Queue queue{limits};
  Now now{1000, 5000};
  JournalContents contents;
  for (uint64_t id = 1; id <= 2; ++id) {
    JobRecord over = record(id, proto::JobState::kDone);
    over.pages_total = over.pages_done = 9;
    over.pages_failed = {3};
    over.outputs = {{"md", 40}};
    over.finished_unix_ms = 4000;
    contents.jobs.push_back(over);
  }
  for (const JobRecord& over : contents.jobs) queue.restore(Job::from(over, {}), now);
  CHECK(queue.unfinished() == 0);
  proto::JobInfo info = queue.find(1)->info();
  CHECK(info.state == proto::JobState::kDone);
  CHECK(info.pages_total == 9);
  CHECK(info.pages_failed == std::vector<uint32_t>{3});
  CHECK(info.outputs.size() == 1);
  queue.set_kept_bytes(1, 60);
  CHECK(queue.expire(1000).empty());
  queue.set_kept_bytes(2, 60);
  CHECK(queue.expire(1000) == std::vector<uint64_t>{1});
  CHECK(queue.take_changes().forgotten == std::vector<uint64_t>{1});
  CHECK(queue.kept_bytes() == 60);
}

TEST_CASE("queue: attached jobs leave no trace in the journal") {
  Queue queue{QueueLimits{}};
  Now now{1000, 5000};
  Job job;
  job.id = queue.reserve(0, 10);
  job.attached = true;
  uint64_t id = job.id;
  queue.admit(std::move(job), now);
  Task probe = *queue.next(1, true, now);
  proto::Probed probed;
  probed.pages = {1};
  REQUIRE(queue.probed(probe, probed, now).ok());
  REQUIRE(queue.cancel(id, now).ok());
  CHECK(queue.expire(INT64_MAX) == std::vector<uint64_t>{id});
  JournalBatch changes = queue.take_changes();
  CHECK(changes.jobs.empty());
  CHECK(changes.pages.empty());
  CHECK(changes.forgotten.empty());
}

TEST_CASE("cache: same question, same owner, same world; never where a password is involved") {
  ResultCache cache("world");
  proto::JobOptions options;
  std::string key = cache.key("abc", 7, options);
  REQUIRE_FALSE(key.empty());
  cache.add(key, 12);
  CHECK(cache.find(key) == 12);
  proto::JobOptions patient = options;
  patient.timeout_ms = 5;
  CHECK(cache.key("abc", 7, patient) == key);
  CHECK(cache.key("abd", 7, options) != key);
  CHECK(cache.key("abc", 8, options) != key);
  proto::JobOptions other = options;
  other.outputs = {"json"};
  CHECK(cache.key("abc", 7, other) != key);
  CHECK(ResultCache("another").key("abc", 7, options) != key);
  CHECK(ResultCache("").key("abc", 7, options).empty());
  options.passwords = {"x"};
  CHECK(cache.key("abc", 7, options).empty());
  cache.forget(13);
  CHECK(cache.find(key) == 12);
  cache.add(key, 14);
  cache.forget(12);
  CHECK(cache.find(key) == 14);
  cache.forget(14);
  CHECK(cache.find(key) == 0);
}

}  // namespace pdf2md::supervisor
