#include "document/page_flow.h"

#include <catch2/catch.hpp>

#include "document/assemble.h"
#include "document/json_output.h"
#include "tests/unit/page_builder.h"

namespace pdf2md::document::test {
namespace {

Runs runs(std::string text, uint32_t note = 0) {
  Run run;
  run.text = std::move(text);
  run.note = note;
  return {run};
}

Element element(ElementType type, Runs text) {
  Element made;
  made.type = type;
  made.runs = std::move(text);
  return made;
}

// A chapter with a note.
PageFlow chapter(const std::string& title) {
  PageFlow flow;
  Element heading = element(ElementType::kHeading, runs(title));
  heading.level = 1;
  Element text = element(ElementType::kParagraph, runs("As was said"));
  text.runs.push_back(runs("1", 1)[0]);
  Element note = element(ElementType::kFootnote, runs("In " + title + "."));
  note.note = 1;
  flow.elements = {heading, text, note};
  flow.notes = 1;
  return flow;
}

std::string outputs(const std::vector<PageFlow>& chapters, const std::string& output) {
  std::vector<uint32_t> pages;
  std::string text;
  for (uint32_t page = 1; page <= chapters.size(); ++page) pages.push_back(page);
  proto::JobOptions options;
  options.outputs = {output};
  Status written = write_outputs(
      DocumentInfo{}, pages, options,
      [&](uint32_t page) -> Result<PageRecord> {
        PageRecord record;
        record.page = page;
        record.flow = pack_flow(chapters[page - 1]);
        return record;
      },
      [&text](const std::string&) -> Result<ByteSink> {
        return ByteSink([&text](std::string_view bytes) -> Status {
          text += bytes;
          return Ok{};
        });
      });
  REQUIRE(written);
  return text;
}

TEST_CASE("chapters follow each other, and notes are numbered through") {
  CHECK(outputs({chapter("One"), chapter("Two")}, "md") ==
        "# One\n\nAs was said[^1]\n\n# Two\n\nAs was said[^2]\n\n[^1]: In One.\n\n[^2]: In Two.\n");
}

TEST_CASE("the JSON of a chapter has its blocks, without boxes") {
  const std::string json = outputs({chapter("One")}, "json");
  CHECK(json.find("\"type\":\"heading\",\"box\":[0.00,0.00,0.00,0.00]") != json.npos);
  CHECK(json.find("\"text\":\"In One.\"") != json.npos);
}

TEST_CASE("a flow that a reader could not have made is refused") {
  PageFlow flow = chapter("One");
  CHECK(unpack_flow(pack_flow(flow)));
  SECTION("a page start") {
    flow.elements[0].type = ElementType::kPageStart;
  }
  SECTION("a type that does not exist") {
    flow.elements[0].type = static_cast<ElementType>(77);
  }
  SECTION("a level that does not exist") {
    flow.elements[0].level = 7;
  }
  SECTION("a reference to no note") {
    flow.elements[1].runs[1].note = 2;
  }
  SECTION("a note without a number") {
    flow.elements[2].note = 0;
  }
  SECTION("the name of a file") {
    flow.elements[1].asset = "../../etc/passwd";
  }
  SECTION("what is not UTF-8") {
    flow.elements[1].runs[0].text = "\xFF";
  }
  SECTION("a picture of what is no figure") {
    flow.pictures = {{1}};
  }
  SECTION("a picture of nothing") {
    flow.pictures = {{9}};
  }
  SECTION("an ordered item without a marker") {
    flow.elements[1].type = ElementType::kListItem;
    flow.elements[1].ordered = true;
  }
  CHECK_FALSE(unpack_flow(pack_flow(flow)));
}

TEST_CASE("cells that do not fit their table are refused") {
  PageFlow flow;
  Element table = element(ElementType::kTable, {});
  table.table.rows = table.table.columns = 2;
  table.table.cells.resize(2);
  table.table.cells[1].column = 1;
  flow.elements = {table};
  std::vector<ElementCell>& cells = flow.elements[0].table.cells;
  CHECK(unpack_flow(pack_flow(flow)));
  SECTION("outside") {
    cells[1].column = 2;
  }
  SECTION("over the edge") {
    cells[1].row_span = 3;
  }
  SECTION("a span that wraps around") {
    cells[1].column_span = 0xFFFFFFFF;
  }
  SECTION("one upon the other") {
    cells[0].column_span = 2;
  }
  SECTION("out of order") {
    std::swap(cells[0], cells[1]);
  }
  SECTION("too many") {
    flow.elements[0].table.rows = flow.elements[0].table.columns = 0xFFFFFFFF;
  }
  CHECK_FALSE(unpack_flow(pack_flow(flow)));
}

}  // namespace
}  // namespace pdf2md::document::test
