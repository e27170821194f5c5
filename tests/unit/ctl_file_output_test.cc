#include "ctl/file_output.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "tests/unit/sync_log.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::ctl {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    names.insert(entry.path().string().substr(folder.size() + 1));
  return names;
}

TEST_CASE(
    "results are on disk before they have their names, and none has it before all are whole") {
  test::TemporaryFolder folder;
  std::string first = folder.path() + "/a.png", second = folder.path() + "/a.md";
  std::ofstream(second) << "old";
  FileIds inputs;
  FileSet files(inputs);
  test::SyncLog log;
  for (const std::string& path : {first, second}) {
    REQUIRE(files.begin(path).ok());
    REQUIRE(files.write("new").ok());
  }
  CHECK(log.entries().empty());
  CHECK_FALSE(fs::exists(first));
  CHECK(*read_file(second, 10) == "old");
  REQUIRE(files.commit().ok());
  std::vector<std::string> entries = log.entries();
  REQUIRE(entries.size() == 4);
  for (size_t i = 0; i < 4; i += 2) {
    std::string temporary = entries[i].substr(std::string("fsync ").size());
    CHECK(entries[i] == "fsync " + temporary);
    CHECK(entries[i + 1] == "rename " + temporary + " " + (i == 0 ? first : second));
  }
  CHECK(*read_file(second, 10) == "new");
  CHECK(names_in(folder.path()) == std::set<std::string>{"a.md", "a.png"});
}

TEST_CASE("results that are not committed leave nothing, nor the folders made for them") {
  test::TemporaryFolder folder;
  {
    FileIds inputs;
    FileSet files(inputs);
    REQUIRE(files.begin(folder.path() + "/new/deep/a.md").ok());
    REQUIRE(files.write("text").ok());
    CHECK_FALSE(names_in(folder.path()).empty());
  }
  CHECK(names_in(folder.path()).empty());
}

}  // namespace
}  // namespace pdf2md::ctl
