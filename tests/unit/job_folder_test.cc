#include "proto/job_folder.h"

#include <catch2/catch.hpp>

namespace pdf2md::proto {
namespace {

TEST_CASE("job folder: names of outputs become paths inside it, or nothing") {
  CHECK(output_path("/j", "md") == "/j/output/document.md");
  CHECK(output_path("/j", "json") == "/j/output/document.json");
  CHECK(output_path("/j", "review") == "/j/output/document_review.html");
  CHECK(output_path("/j", "assets/p0012-1.png") == "/j/assets/p0012-1.png");
  for (const char* name : {"", "doc", "assets/", "assets/..", "assets/../document", "../x",
                           "/etc/passwd", "assets/a/b", "assets/.hidden", "assets/A", "md/"}) {
    INFO(name);
    CHECK(output_path("/j", name).empty());
  }
  CHECK(output_path("/j", std::string("assets/a\0b", 10)).empty());
  CHECK(page_record_path("/j", 12) == "/j/pages/000012");
}

}  // namespace
}  // namespace pdf2md::proto
