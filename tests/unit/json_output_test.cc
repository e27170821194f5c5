#include "document/json_output.h"

#include <catch2/catch.hpp>

#include "proto/value.h"
#include "tests/unit/page_builder.h"

using namespace pdf2md;
using namespace pdf2md::document;
using namespace pdf2md::document::test;

TEST_CASE("numbers in JSON have fixed digits") {
  CHECK(fixed(12.5, 2) == "12.50");
  CHECK(fixed(-0.001, 2) == "0.00");
  CHECK(fixed(-1.25, 1) == "-1.3");
  CHECK(fixed(0.9994, 3) == "0.999");
  CHECK(fixed(1.0 / 0.0, 2) == "0.00");
  CHECK(fixed(3, 0) == "3");
}

TEST_CASE("JSON has every block with its page, box, source and confidence") {
  PageRecord record =
      page(1, {heading(80, "Title \"x\""), item(100, "1.", "one"), table(120, {{"A", "B"}})});
  record.label = "iv";
  record.reasons = {"because"};
  record.blocks[1].source = Source::kOcr;
  record.blocks[1].confidence = 0.875f;
  proto::JobOptions options;
  options.outputs = {"json"};
  const std::string json = output({record}, options);
  CHECK(json.find("\"pages\":[\n{\"page\":1,\"label\":\"iv\",\"width_pt\":612.00,\"height_pt\":792."
                  "00,\"status\":\"ok\"") != json.npos);
  CHECK(json.find("\"reasons\":[\"because\"]") != json.npos);
  CHECK(json.find("{\"type\":\"heading\",\"box\":[72.00,66.00,") != json.npos);
  CHECK(json.find("\"level\":1,\"text\":\"Title \\\"x\\\"\"}") != json.npos);
  CHECK(json.find("\"source\":\"ocr\",\"confidence\":0.875,\"level\":0,\"marker\":\"1.\",\"text\":"
                  "\"one\"}") != json.npos);
  CHECK(json.find("\"table\":{\"rows\":1,\"columns\":2,\"cells\":[{\"row\":0,\"column\":0,") !=
        json.npos);
  CHECK(json.ends_with("]}\n"));
  size_t braces = 0, closed = 0;
  for (char c : json) braces += c == '{', closed += c == '}';
  CHECK(braces == closed);
}

TEST_CASE("JSON lists the pages that are not whole") {
  PageRecord failed = page(2, {}), degraded = page(3, {text(100, {"c"})}), blank = page(4, {});
  failed.status = PageStatus::kFailed;
  failed.problem = "renderer timed out";
  degraded.status = PageStatus::kDegraded;
  degraded.problem = "text layer only";
  blank.status = PageStatus::kBlank;
  proto::JobOptions options;
  options.outputs = {"json"};
  const std::string json = output({page(1, {text(100, {"a"})}), failed, degraded, blank}, options);
  CHECK(
      json.find("\"problems\":[{\"page\":2,\"status\":\"failed\",\"problem\":\"renderer timed "
                "out\"},{\"page\":3,\"status\":\"degraded\",\"problem\":\"text layer only\"}]}") !=
      json.npos);
  CHECK(json.find("\"status\":\"blank\"") != json.npos);
}

TEST_CASE("the same records give the same bytes") {
  const std::vector<PageRecord> records = {page(1, {heading(80, "A"), text(100, {"b c"})}),
                                           page(2, {text(100, {"d"})})};
  proto::JobOptions both;
  both.outputs = {"md", "json"};
  CHECK(output(records, both) == output(records, both));
}
