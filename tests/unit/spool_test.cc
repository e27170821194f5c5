#include "daemon/supervisor/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "proto/job_folder.h"
#include "tests/unit/sync_log.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::supervisor {
namespace {

namespace fs = std::filesystem;

void write(const std::string& path) {
  std::ofstream(path) << "x";
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

// A spool with the folder of one job that has everything.
struct Desk {
  test::TemporaryFolder folder;
  EventLoop loop;
  Spool spool{loop};
  std::string job;

  Desk() {
    REQUIRE(spool.open(folder.path()).ok());
    job = fill(7);
  }
  std::string fill(uint64_t id) {
    REQUIRE(spool.make_job_folder(id).ok());
    std::string path = spool.folder(id);
    REQUIRE(Spool::write_passwords(path, {"secret", ""}).ok());
    write(proto::document_path(path));
    write(proto::info_path(path));
    write(proto::page_record_path(path, 1));
    write(proto::output_path(path, "md"));
    write(proto::asset_path(path, "p0001-1.png"));
    return path;
  }
  // Until nothing runs in the background any more.
  void finish() {
    loop.stop();
    loop.run();
  }
};

TEST_CASE("spool: a document is synced before the names that lead to it") {
  Desk desk;
  test::SyncLog log;
  REQUIRE(Spool::sync_document(desk.job).ok());
  CHECK(log.entries() == std::vector<std::string>{"fsync " + proto::document_path(desk.job),
                                                  "fsync " + desk.job,
                                                  "fsync " + desk.folder.path() + "/jobs"});
  CHECK_FALSE(Spool::sync_document(desk.folder.path() + "/jobs/8").ok());
}

TEST_CASE("spool: linked outputs share their bytes, images too, and their names are synced") {
  Desk desk;
  REQUIRE(desk.spool.make_job_folder(8).ok());
  std::string other = desk.spool.folder(8);
  REQUIRE(Spool::link_outputs(desk.job, other).ok());
  for (const auto& [from, to] :
       {std::pair{proto::output_path(desk.job, "md"), proto::output_path(other, "md")},
        {proto::asset_path(desk.job, "p0001-1.png"), proto::asset_path(other, "p0001-1.png")}}) {
    INFO(to);
    CHECK(fs::equivalent(from, to));
  }
  test::SyncLog log;
  REQUIRE(Spool::sync_outputs(other).ok());
  CHECK(log.has_in_order({"fsync " + other + "/output", "fsync " + other + "/assets"}));
}

TEST_CASE("spool: passwords lie in a file of their own, for the daemon alone") {
  Desk desk;
  CHECK(Spool::read_passwords(desk.job) == std::vector<std::string>{"secret", ""});
  CHECK(mode_of(desk.job + "/passwords") == 0600);
  desk.spool.forget_passwords(7);
  CHECK_FALSE(fs::exists(desk.job + "/passwords"));
  CHECK(Spool::read_passwords(desk.job).empty());
  REQUIRE(Spool::write_passwords(desk.job, {}).ok());
  CHECK_FALSE(fs::exists(desk.job + "/passwords"));
}

TEST_CASE("spool: a finished job keeps its outputs and nothing else") {
  Desk desk;
  desk.spool.keep_outputs_only(7);
  desk.finish();
  std::set<std::string> left;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(desk.job)) {
    if (entry.is_regular_file()) left.insert(entry.path().string());
  }
  CHECK(left == std::set<std::string>{proto::output_path(desk.job, "md"),
                                      proto::asset_path(desk.job, "p0001-1.png")});
}

TEST_CASE("spool: what is removed is out of the way at once, and gone in a while") {
  Desk desk;
  desk.spool.remove(7);
  CHECK_FALSE(fs::exists(desk.job));
  desk.finish();
  CHECK(fs::is_empty(desk.folder.path() + "/trash"));
}

TEST_CASE("spool: what the last daemon did not get to delete goes, and is in nobody's way") {
  test::TemporaryFolder folder;
  fs::create_directories(folder.path() + "/trash/1/pages");
  write(folder.path() + "/trash/1/pages/000001");
  EventLoop loop;
  Spool spool(loop);
  REQUIRE(spool.open(folder.path()).ok());
  CHECK(fs::is_empty(folder.path() + "/trash"));
  REQUIRE(spool.make_job_folder(1).ok());
  spool.remove(1);
  CHECK_FALSE(fs::exists(spool.folder(1)));
}

TEST_CASE("spool: nobody else can look into it") {
  Desk desk;
  CHECK(mode_of(desk.job) == 0700);
  test::TemporaryFolder above;
  Spool spool(desk.loop);
  REQUIRE(spool.open(above.path() + "/new/state").ok());
  for (const char* below : {"/new", "/new/state", "/new/state/jobs", "/new/state/trash"})
    CHECK(mode_of(above.path() + below) == 0700);
}

TEST_CASE("spool: one daemon for a state folder, and the second is told which is the first") {
  Desk desk;
  EventLoop loop;
  Spool second(loop);
  Status opened = second.open(desk.folder.path());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::kBusy);
  CHECK(opened.error().message.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("spool: an upload that is not kept takes its folder along") {
  Desk desk;
  {
    Result<Upload> upload = Upload::begin(desk.spool, 9);
    REQUIRE(upload.ok());
    REQUIRE(upload->append("bytes").ok());
    CHECK(upload->size() == 5);
  }
  CHECK_FALSE(fs::exists(desk.spool.folder(9)));
  {
    Result<Upload> upload = Upload::begin(desk.spool, 10);
    REQUIRE(upload.ok());
    REQUIRE(upload->append("abc").ok());
    CHECK(upload->keep() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  CHECK(*read_file(proto::document_path(desk.spool.folder(10)), 100) == "abc");
}

}  // namespace
}  // namespace pdf2md::supervisor
