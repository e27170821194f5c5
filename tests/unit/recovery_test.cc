#include "daemon/supervisor/recovery.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "proto/job_folder.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::supervisor {
namespace {

namespace fs = std::filesystem;

// What a daemon left that had one job of three pages.
struct Left {
  test::TemporaryFolder folder;
  EventLoop loop;
  Spool spool{loop};
  QueueLimits limits;
  JournalContents contents;

  Left() {
    REQUIRE(spool.open(folder.path()).ok());
    add(5);
    contents.id_limit = 100;
  }
  JobRecord& add(uint64_t id, proto::JobState state = proto::JobState::kRunning) {
    REQUIRE(spool.make_job_folder(id).ok());
    write(proto::info_path(spool.folder(id)));
    JobRecord record;
    record.id = id;
    record.state = state;
    record.pages = "1-3";
    contents.jobs.push_back(record);
    return contents.jobs.back();
  }
  static void write(const std::string& path) { std::ofstream(path) << "x"; }
  Queue recovered() {
    Queue queue{limits};
    recover(contents, spool, queue, Now{1000, 5000});
    return queue;
  }
};

TEST_CASE("recovery: a page counts as done where its record is there") {
  Left left;
  left.contents.pages = {{5, 1, true, 0, false, 0}, {5, 2, true, 0, false, 0}};
  Left::write(proto::page_record_path(left.spool.folder(5), 1));
  Queue queue = left.recovered();
  CHECK(queue.find(5)->pages.done() == 1);
  CHECK(queue.next(1, true, {})->pages == std::vector<uint32_t>{2, 3});
}

TEST_CASE("recovery: a job goes on after its opening only with what that found out") {
  Left left;
  CHECK(left.recovered().find(5)->stage == Stage::kPages);
  fs::remove(proto::info_path(left.spool.folder(5)));
  Queue queue = left.recovered();
  CHECK(queue.find(5)->stage == Stage::kProbe);
  CHECK(queue.next(1, true, {})->kind == TaskKind::kProbe);
}

TEST_CASE("recovery: a job that goes on has its passwords again") {
  Left left;
  REQUIRE(Spool::write_passwords(left.spool.folder(5), {"secret"}).ok());
  CHECK(left.recovered().find(5)->options.passwords == std::vector<std::string>{"secret"});
}

TEST_CASE("recovery: finished jobs expire in the order in which they ended") {
  Left left;
  left.contents.jobs.clear();
  left.add(1, proto::JobState::kDone).finished_unix_ms = 900;
  left.add(2, proto::JobState::kDone).finished_unix_ms = 500;
  left.limits.retained_jobs = 1;
  CHECK(left.recovered().expire(1000) == std::vector<uint64_t>{2});
}

TEST_CASE("recovery: a number that was given out is not given out again, whatever it was for") {
  Left left;
  CHECK(left.recovered().reserve(0, 1) >= 100);
}

TEST_CASE("recovery: folders that the journal does not know go, or are kept where it is new") {
  Left left;
  REQUIRE(left.spool.make_job_folder(6).ok());
  Left::write(proto::document_path(left.spool.folder(6)));
  SECTION("known jobs: the other was attached, or forgotten") {
    left.recovered();
    CHECK(fs::exists(left.spool.folder(5)));
    CHECK_FALSE(fs::exists(left.spool.folder(6)));
    CHECK_FALSE(fs::exists(left.folder.path() + "/lost"));
  }
  SECTION("no job, but numbers were given out") {
    left.contents.jobs.clear();
    left.recovered();
    CHECK_FALSE(fs::exists(left.spool.folder(6)));
    CHECK_FALSE(fs::exists(left.folder.path() + "/lost"));
  }
  SECTION("a new journal") {
    left.contents = {};
    left.contents.id_limit = 1;
    left.recovered();
    CHECK(fs::is_empty(left.folder.path() + "/jobs"));
    size_t documents = 0;
    for (const auto& entry : fs::recursive_directory_iterator(left.folder.path() + "/lost"))
      documents += entry.path().filename() == "document";
    CHECK(documents == 1);
  }
}

}  // namespace
}  // namespace pdf2md::supervisor
