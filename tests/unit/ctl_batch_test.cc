#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "ctl/batch_list.h"
#include "ctl/batch_plan.h"
#include "ctl/batch_record.h"
#include "ctl/batch_summary.h"
#include "ctl/json_read.h"
#include "ctl/run_job.h"
#include "tests/unit/temporary_folder.h"

namespace pdf2md::ctl {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

void touch(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << "x";
}

Names relative_names(const BatchListRequest& request) {
  Result<std::vector<BatchInput>> inputs = list_documents(request);
  REQUIRE(inputs.ok());
  Names names;
  for (const BatchInput& input : *inputs)
    names.push_back((input.error ? "!" : "") + input.relative);
  return names;
}

BatchResult converted(const std::string& document, const std::string& stem, uint32_t pages) {
  BatchResult result;
  result.document = result.label = document;
  result.stem = stem;
  result.end = BatchEnd::kConverted;
  result.pages = pages;
  result.wall_ms = 2000;
  result.attempts = 1;
  result.files = {stem + ".md"};
  return result;
}

}  // namespace

TEST_CASE("a folder's documents are found, each once, in order") {
  test::TemporaryFolder folder;
  std::string in = folder.path() + "/in";
  for (const char* path : {"/b.pdf", "/a/z.PDF", "/a/.hidden.pdf", "/.git/x.pdf", "/notes.txt",
                           "/out/old.pdf", "/c/d/e.pdf", "/.pdf"})
    touch(in + path);
  fs::create_directory_symlink(in, in + "/c/loop");
  fs::create_symlink(in + "/b.pdf", in + "/link.pdf");
  fs::create_directories(in + "/folder.pdf");
  BatchListRequest request;
  request.operands = {in};
  request.output_folder = in + "/out";
  CHECK(relative_names(request) == Names{"!in"});
  request.recursive = true;
  CHECK(relative_names(request) == Names{"a/z.PDF", "b.pdf", "c/d/e.pdf", "link.pdf"});
  request.output_folder = in + "/a";
  request.operands = {in + "/a"};
  CHECK(relative_names(request) == Names{"z.PDF"});
  request.output_folder = in + "/out";
  request.operands = {in + "/b.pdf", in + "/", in + "/notes.txt", in + "/none.pdf", in + "/a"};
  CHECK(relative_names(request) ==
        Names{"b.pdf", "a/z.PDF", "c/d/e.pdf", "link.pdf", "notes.txt", "!none.pdf"});
}

TEST_CASE("lists of names may be separated by NUL") {
  CHECK(split_names("a b.pdf\n\nc.pdf") == Names{"a b.pdf", "c.pdf"});
  CHECK(split_names(std::string("a\nb.pdf\0c.pdf\0", 14)) == Names{"a\nb.pdf", "c.pdf"});
  CHECK(split_names("").empty());
}

TEST_CASE("documents get a folder each, in the tree that they are in") {
  BatchNames names(false);
  CHECK(names.name_for("/in/a.pdf", "a.pdf") == "a/a");
  CHECK(names.name_for("/in/sub/a.pdf", "sub/a.pdf") == "sub/a/a");
  CHECK(names.name_for("/in/sub/a.PDF", "sub/a.PDF") == "sub/a_1/a_1");
  CHECK(names.name_for("/in/results.pdf", "results.pdf") == "results/results");
}

TEST_CASE("in one folder, documents of one name get numbers") {
  BatchNames names(true);
  CHECK(names.name_for("x/report.pdf", "x/report.pdf") == "report");
  CHECK(names.name_for("y/report.pdf", "y/report.pdf") == "report_1");
  CHECK(names.name_for("report_1.pdf", "report_1.pdf") == "report_1_1");
  CHECK(names.name_for("z/report.pdf", "z/report.pdf") == "report_2");
  CHECK(names.name_for("x/report.pdf", "x/report.pdf") == "report");
  CHECK(names.name_for("results.pdf", "results.pdf") == "results_1");
  CHECK(names.name_for("results-1-of-3.pdf", "results-1-of-3.pdf") == "results-1-of-3_1");
}

TEST_CASE("a document keeps its name, whatever comes before it later") {
  BatchNames first(true);
  std::vector<std::pair<std::string, std::string>> given;
  for (const char* path : {"b/r.pdf", "d/r.pdf"})
    given.emplace_back(path, first.name_for(path, path));
  BatchNames second(true);
  for (const auto& [document, stem] : given) second.keep(document, stem);
  CHECK(second.name_for("a/r.pdf", "a/r.pdf") == "r_2");
  CHECK(second.name_for("b/r.pdf", "b/r.pdf") == "r");
  CHECK(second.name_for("c/r.pdf", "c/r.pdf") == "r_3");
  CHECK(second.name_for("d/r.pdf", "d/r.pdf") == "r_1");
  BatchNames other_layout(false);
  for (const auto& [document, stem] : given) other_layout.keep(document, stem);
  CHECK(other_layout.name_for("b/r.pdf", "b/r.pdf") == "b/r/r");
}

TEST_CASE("what some parts know already changes no name") {
  const char* paths[] = {"a/r.pdf", "b/r.pdf", "c/r.pdf", "r_1.pdf"};
  std::vector<std::string> all;
  BatchNames fresh(true);
  for (const char* path : paths) all.push_back(fresh.name_for(path, path));
  for (unsigned known = 0; known < 16; ++known) {
    BatchNames names(true);
    for (unsigned i = 0; i < 4; ++i) {
      if (known >> i & 1) names.keep(paths[i], all[i]);
    }
    for (unsigned i = 0; i < 4; ++i) CHECK(names.name_for(paths[i], paths[i]) == all[i]);
  }
}

TEST_CASE("every document is in exactly one part") {
  CHECK_FALSE(parse_shard("0/3"));
  CHECK_FALSE(parse_shard("4/3"));
  CHECK_FALSE(parse_shard("1"));
  CHECK_FALSE(parse_shard("1/0"));
  CHECK_FALSE(parse_shard("a/b"));
  CHECK(parse_shard("2/5")->number == 2);
  for (uint32_t count : {1u, 2u, 3u, 7u}) {
    std::vector<int> sizes(count);
    for (int i = 0; i < 1000; ++i) {
      std::string path = "scans/" + std::to_string(i) + ".pdf";
      int parts = 0;
      for (uint32_t number = 1; number <= count; ++number) {
        if (!is_in_shard(path, {number, count})) continue;
        ++parts;
        ++sizes[number - 1];
      }
      CHECK(parts == 1);
    }
    for (int size : sizes) CHECK(size > 700 / static_cast<int>(count));
  }
}

TEST_CASE("a document is up to date when all its results are there and not older") {
  CHECK(is_up_to_date(5, {5, 7}));
  CHECK_FALSE(is_up_to_date(6, {5, 7}));
  CHECK_FALSE(is_up_to_date(5, {7, std::nullopt}));
}

TEST_CASE("the record is read back as it was written") {
  test::TemporaryFolder folder;
  BatchCounts counts;
  counts.total = 3;
  std::string odd = "in/\xFF \"x\".pdf";
  {
    BatchRecord record(folder.path(), Shard(), EarlierRecord());
    for (const BatchResult& result : {converted("in/a.pdf", "a", 4), converted(odd, "\xFF", 2)}) {
      counts.add(result);
      REQUIRE(record.add(result, counts).ok());
    }
    REQUIRE(record.write(counts, "finished").ok());
  }
  Result<std::string> text = read_file(folder.path() + "/results.json", 1 << 20);
  REQUIRE(text.ok());
  Result<JsonValue> json = parse_json(*text);
  REQUIRE(json.ok());
  CHECK(json->string("state") == "finished");
  CHECK(json->number("total") == 3);
  CHECK(json->number("processed") == 2);
  CHECK(json->number("successful") == 2);
  CHECK(json->number("remaining") == 1);
  CHECK(json->number("pages") == 6);

  std::vector<std::string> problems;
  EarlierRecord earlier = read_records(folder.path(), problems);
  CHECK(problems.empty());
  REQUIRE(earlier.entries.size() == 2);
  CHECK(earlier.entries[0].document == "in/a.pdf");
  CHECK(earlier.entries[0].files == Names{"a.md"});
  CHECK(earlier.entries[1].document == odd);
  CHECK(earlier.entries[1].stem == "\xFF");

  // A skipped one says nothing new; another document that takes over a name takes over its entry.
  BatchRecord next(folder.path(), Shard(), earlier);
  BatchResult skipped = converted("in/a.pdf", "a", 0);
  skipped.end = BatchEnd::kSkipped;
  REQUIRE(next.add(skipped, counts).ok());
  REQUIRE(next.add(converted("in/new.pdf", "\xFF", 1), counts).ok());
  REQUIRE(next.write(counts, "stopped").ok());
  earlier = read_records(folder.path(), problems);
  REQUIRE(earlier.entries.size() == 2);
  CHECK(earlier.entries[0].json.find("\"converted\"") != std::string::npos);
  CHECK(earlier.entries[1].document == "in/new.pdf");
}

TEST_CASE("parts have a record each, and damaged ones are told") {
  test::TemporaryFolder folder;
  CHECK(record_file_name({2, 5}) == "results-2-of-5.json");
  CHECK(is_record_name("results-2-of-5"));
  CHECK_FALSE(is_record_name("results-2"));
  CHECK_FALSE(is_record_name("results-of-the-year"));
  BatchCounts counts;
  for (uint32_t number : {1u, 2u}) {
    BatchRecord record(folder.path(), {number, 2}, EarlierRecord());
    REQUIRE(record.add(converted(std::to_string(number), std::to_string(number), 1), counts).ok());
  }
  std::ofstream(folder.path() + "/results.json") << "{";
  std::vector<std::string> problems;
  CHECK(read_records(folder.path(), problems).entries.size() == 2);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("results.json: not read") != std::string::npos);
}

TEST_CASE("the summary counts and names what failed") {
  BatchCounts counts;
  counts.total = 6;
  BatchResult result = converted("a.pdf", "a", 8);
  result.attempts = 2;
  CHECK(document_line(result, 3, 6) == "[3/6] a.pdf: 8 pages, 2.0 s, 0.25 s/page, tried 2 times");
  counts.add(result);
  result.end = BatchEnd::kPartly;
  result.attempts = 1;
  result.pages_failed = {2, 3};
  result.pages_degraded = {7};
  CHECK(document_line(result, 4, 6) ==
        "[4/6] a.pdf: 8 pages, 2.0 s, 0.25 s/page; pages 2, 3 failed; page 7 degraded");
  counts.add(result);
  BatchResult failed;
  failed.end = BatchEnd::kFailed;
  failed.reason = "b.pdf: needs a password (give it with --password-file)";
  CHECK(document_line(failed, 5, 6) ==
        "[5/6] failed: b.pdf: needs a password (give it with --password-file)");
  counts.add(failed);
  result.end = BatchEnd::kSkipped;
  counts.add(result);
  result.end = BatchEnd::kRemains;
  counts.add(result);
  counts.wall_ms = 4000;
  CHECK(summary(counts, {failed}, "out/results.json") ==
        "6 documents: 1 converted, 1 partly, 1 failed, 1 skipped (up to date), 2 remain\n"
        "16 pages in 4.0 s, 4.0 pages/s, 2 failed, 1 degraded; tried again: 1\n"
        "failed:\n  b.pdf: needs a password (give it with --password-file)\n"
        "record: out/results.json");
}

TEST_CASE("troubles of the daemon are worth another try, those of a document are not") {
  CHECK(is_worth_another_try(ErrorCode::kDisconnected));
  CHECK(is_worth_another_try(ErrorCode::kNoSpace));
  for (ErrorCode code :
       {ErrorCode::kNeedsPassword, ErrorCode::kDamaged, ErrorCode::kTooManyPages,
        ErrorCode::kWorkerDied, ErrorCode::kCancelled, ErrorCode::kIo, ErrorCode::kBadOptions})
    CHECK_FALSE(is_worth_another_try(code));
  CHECK(retry_pause_ms(1) == 1000);
  CHECK(retry_pause_ms(2) == 4000);
  CHECK(retry_pause_ms(3) == 16'000);
  CHECK(retry_pause_ms(30) == 60'000);
}

}  // namespace pdf2md::ctl
