#include <catch2/catch.hpp>

#include "ctl/output_plan.h"

using namespace pdf2md::ctl;

namespace {

PathKind probe(const std::string& path) {
  if (path == "folder") return PathKind::kFolder;
  if (path == "/dev/null") return PathKind::kSpecial;
  return PathKind::kMissing;
}

pdf2md::Result<std::vector<DocumentPlan>> plan(std::vector<std::string> inputs,
                                               const char* path = nullptr,
                                               std::vector<std::string> outputs = {"md"},
                                               const std::string& name = "") {
  std::string output_path = path == nullptr ? "" : path;
  PlanRequest request;
  request.inputs = std::move(inputs);
  request.outputs = std::move(outputs);
  request.name = name;
  request.output_path = path == nullptr ? nullptr : &output_path;
  return plan_outputs(request, probe);
}

std::vector<std::string> paths(const pdf2md::Result<std::vector<DocumentPlan>>& plans) {
  REQUIRE(plans.ok());
  std::vector<std::string> all;
  for (const DocumentPlan& one : *plans) {
    for (const Target& target : one.targets) all.push_back(target.path);
  }
  return all;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("one document goes to standard output, without images") {
  auto plans = plan({"d/a.pdf"});
  CHECK(paths(plans) == Paths{""});
  CHECK((*plans)[0].asset_folder.empty());
  CHECK((*plans)[0].name == "a.pdf");
  CHECK(paths(plan({"a.pdf", "b.pdf"}, "-")) == Paths{"", ""});
}

TEST_CASE("several documents or outputs go beside the sources") {
  CHECK(paths(plan({"d/a.pdf", "b.tar.pdf"})) == Paths{"d/a.md", "b.tar.md"});
  CHECK(paths(plan({"d/a.pdf"}, nullptr, {"md", "json"})) == Paths{"d/a.md", "d/a.json"});
  auto plans = plan({"d/a.pdf", "b.pdf"});
  REQUIRE(plans.ok());
  CHECK((*plans)[0].asset_folder == "d/a_assets");
  CHECK((*plans)[0].asset_prefix == "a_assets/");
}

TEST_CASE("a folder is one by its slash or because it is there") {
  CHECK(paths(plan({"d/a.pdf"}, "out/")) == Paths{"out/a.md"});
  CHECK(paths(plan({"d/a.pdf"}, "folder")) == Paths{"folder/a.md"});
  CHECK(paths(plan({"-"}, "out/")) == Paths{"out/stdin.md"});
  CHECK(paths(plan({"-"}, "out/", {"md"}, "report.pdf")) == Paths{"out/report.md"});
  CHECK(paths(plan({"-"}, "out/", {"md"}, "../../report.pdf")) == Paths{"out/report.md"});
}

TEST_CASE("a file is taken as it is, or its ending is exchanged") {
  CHECK(paths(plan({"a.pdf"}, "x/y.txt")) == Paths{"x/y.txt"});
  CHECK(paths(plan({"a.pdf"}, "x.d/y.txt", {"md", "json"})) == Paths{"x.d/y.md", "x.d/y.json"});
  CHECK(paths(plan({"a.pdf"}, "x.d/y", {"md", "json"})) == Paths{"x.d/y.md", "x.d/y.json"});
  auto special = plan({"a.pdf"}, "/dev/null");
  CHECK(paths(special) == Paths{"/dev/null"});
  CHECK((*special)[0].asset_folder.empty());
}

TEST_CASE("plans that cannot work are refused") {
  CHECK_FALSE(plan({"a.pdf", "b.pdf"}, "one.md").ok());
  CHECK(paths(plan({"a.pdf"}, "o/", {"review", "layout", "chunks", "html"})) ==
        Paths{"o/a_review.html", "o/a_layout.pdf", "o/a_chunks.jsonl", "o/a.html"});
  CHECK_FALSE(plan({"a.pdf"}, "-", {"md", "json"}).ok());
  CHECK_FALSE(plan({"-"}, nullptr, {"md", "json"}).ok());
  CHECK_FALSE(plan({"-", "a.pdf"}).ok());
  CHECK_FALSE(plan({"d/a.pdf", "e/a.pdf"}, "out/").ok());
  CHECK_FALSE(plan({"a.pdf", "a.epub"}).ok());
  CHECK_FALSE(plan({"a.pdf"}, "/dev/null", {"md", "json"}).ok());
}

TEST_CASE("links to images are usable in Markdown") {
  auto plans = plan({"my (figures) #1.pdf", "b.pdf"});
  REQUIRE(plans.ok());
  CHECK((*plans)[0].asset_folder == "my (figures) #1_assets");
  CHECK((*plans)[0].asset_prefix == "my%20%28figures%29%20%231_assets/");
  CHECK(percent_encoded("ä:\xFF") == "ä%3A%FF");
  CHECK(asset_folder_name("a/b.pdf") == "b_assets");
  CHECK(asset_folder_name("") == "document_assets");
}
