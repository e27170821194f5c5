#include "proto/fd.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/unit/sync_log.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md {
namespace {

TEST_CASE("fd: a durable file is on disk before it has its name, its name before it is reported") {
  test::TemporaryFolder folder;
  std::string path = folder.path() + "/a";
  REQUIRE(write_file_durably(path, "old").ok());
  test::SyncLog log;
  REQUIRE(write_file_durably(path, "new").ok());
  CHECK(log.entries() == std::vector<std::string>{"fsync " + path + ".tmp",
                                                  "rename " + path + ".tmp " + path,
                                                  "fsync " + folder.path()});
  CHECK(*read_file(path, 100) == "new");
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("fd: a durable file that cannot get its name leaves nothing") {
  test::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() + "/a");
  CHECK_FALSE(write_file_durably(folder.path() + "/a", "text").ok());
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/a.tmp"));
}

TEST_CASE("fd: a file that is larger than allowed is not read") {
  test::TemporaryFolder folder;
  std::string path = folder.path() + "/a";
  REQUIRE(write_file_durably(path, "12345").ok());
  CHECK(*read_file(path, 5) == "12345");
  CHECK(read_file(path, 4).error().code == ErrorCode::kDocumentTooLarge);
  CHECK(read_file(folder.path() + "/none", 4).error().code == ErrorCode::kIo);
}

Error of(int number) {
  errno = number;
  return io_error("/spool/jobs/7/document");
}

TEST_CASE("io_error: a full disk and a full quota are told from what will not pass") {
  CHECK(of(ENOSPC).code == ErrorCode::kNoSpace);
  CHECK(of(ENOSPC).message == "/spool/jobs/7/document: No space left on device");
  CHECK_FALSE(of(ENOSPC).hint.empty());
  CHECK(of(EDQUOT).code == ErrorCode::kNoSpace);
  CHECK(of(EDQUOT).hint.find("quota") != std::string::npos);
  CHECK(of(EROFS).code == ErrorCode::kIo);
  CHECK_FALSE(of(EROFS).hint.empty());
  CHECK(of(EACCES).code == ErrorCode::kIo);
}

}  // namespace
}  // namespace pdf2md
