#include "daemon/supervisor/intake.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "proto/job_folder.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/sync_log.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::supervisor {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<JournalFile> open_journal(Spool& spool, const std::string& folder) {
  REQUIRE(spool.open(folder).ok());
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(spool.journal_path());
  REQUIRE(file.ok());
  return std::move(*file);
}

struct Desk {
  test::TemporaryFolder folder;
  EventLoop loop;
  Spool spool{loop};
  Journal journal{loop, open_journal(spool, folder.path())};
  Queue queue{QueueLimits{}};
  ResultCache cache{"world"};
  Now now{1000, 5000};
  Intake intake{{loop, queue, spool, journal, cache, [this] { return now; }, [] {}}};

  struct Received {
    Job job;
    Upload upload;
  };
  Received receive(const proto::JobOptions& options = {}) {
    Job job;
    job.id = queue.reserve(7, 5);
    job.uid = 7;
    job.document_bytes = 5;
    job.options = options;
    job.folder = spool.folder(job.id);
    Result<Upload> upload = Upload::begin(spool, job.id);
    REQUIRE(upload.ok());
    REQUIRE(upload->append("bytes").ok());
    return {std::move(job), std::move(*upload)};
  }
  Result<uint64_t> accept(Received received) {
    std::optional<Result<uint64_t>> answer;
    intake.accept(std::move(received.job), std::move(received.upload),
                  [&](const Result<uint64_t>& got) {
                    answer = got;
                    loop.stop();
                  });
    while (!answer) loop.run();
    return *answer;
  }
};

TEST_CASE("intake: a job is accepted when its document and its record are on disk") {
  Desk desk;
  Desk::Received received = desk.receive();
  std::string folder = received.job.folder;
  test::SyncLog log;
  Result<uint64_t> job = Error{};
  desk.intake.accept(
      std::move(received.job), std::move(received.upload), [&](const Result<uint64_t>& got) {
        CHECK(log.has_in_order({"fsync " + proto::document_path(folder), "fsync " + folder,
                                "fsync " + desk.folder.path() + "/jobs",
                                "fsync " + desk.folder.path() + "/journal.db-wal"}));
        job = got;
        desk.loop.stop();
      });
  desk.loop.run();
  REQUIRE(job.ok());
  CHECK(desk.queue.waiting().count(*job) == 1);
  Result<std::unique_ptr<JournalFile>> file = JournalFile::open(desk.spool.journal_path());
  REQUIRE(file.ok());
  CHECK((*file)->read()->jobs.at(0).id == *job);
}

TEST_CASE("intake: of a job that cannot be stored nothing is left, and the next one is taken") {
  Desk desk;
  Desk::Received received = desk.receive();
  uint64_t id = received.job.id;
  {
    test::FullDisk full;
    Result<uint64_t> job = desk.accept(std::move(received));
    REQUIRE_FALSE(job.ok());
    CHECK(job.error().code == ErrorCode::kIo);
  }
  CHECK(desk.queue.find(id) == nullptr);
  CHECK(desk.queue.reserved() == 0);
  CHECK(desk.queue.bytes() == 0);
  CHECK_FALSE(fs::exists(desk.spool.folder(id)));
  CHECK(desk.accept(desk.receive()).ok());
}

TEST_CASE("intake: passwords are stored before the job is accepted") {
  Desk desk;
  proto::JobOptions options;
  options.passwords = {"secret"};
  Result<uint64_t> job = desk.accept(desk.receive(options));
  REQUIRE(job.ok());
  CHECK(Spool::read_passwords(desk.spool.folder(*job)) == options.passwords);
}

TEST_CASE("intake: an attached job waits for no disk and is not journalled") {
  Desk desk;
  Desk::Received received = desk.receive();
  received.job.attached = true;
  bool answered = false;
  desk.intake.accept(std::move(received.job), std::move(received.upload),
                     [&](const Result<uint64_t>& job) { answered = job.ok(); });
  CHECK(answered);
  CHECK(desk.journal.idle());
}

TEST_CASE("intake: the same document again is done at once, with the outputs and without itself") {
  Desk desk;
  uint64_t first = *desk.accept(desk.receive());
  std::ofstream(proto::output_path(desk.spool.folder(first), "md")) << "text";
  Task probe = *desk.queue.next(1, true, desk.now);
  proto::Probed probed;
  probed.pages = {1};
  REQUIRE(desk.queue.probed(probe, probed, desk.now).ok());
  proto::PageDone done;
  done.page = 1;
  REQUIRE(desk.queue.page_done(*desk.queue.next(1, true, desk.now), done, desk.now).ok());
  REQUIRE(
      desk.queue.assembled(*desk.queue.next(1, true, desk.now), {0, {{"md", 4}}}, desk.now).ok());
  desk.cache.add(desk.queue.find(first)->cache_key, first);
  Result<uint64_t> second = desk.accept(desk.receive());
  REQUIRE(second.ok());
  const Job& job = *desk.queue.find(*second);
  CHECK(job.state == proto::JobState::kDone);
  CHECK(job.answered_from == first);
  CHECK(job.pages.done() == 1);
  CHECK(fs::equivalent(proto::output_path(job.folder, "md"),
                       proto::output_path(desk.spool.folder(first), "md")));
  CHECK_FALSE(fs::exists(proto::document_path(job.folder)));
  CHECK(desk.queue.bytes() == 0);
}

}  // namespace
}  // namespace pdf2md::supervisor
