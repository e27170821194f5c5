// EPUBs: a page is a part of the spine, and its structure is what the book says.
#include <zip.h>

#include <catch2/catch.hpp>
#include <map>

#include "document/page_flow.h"
#include "tests/process/reader_fixture.h"

namespace pdf2md::test {
namespace {

using document::Element;
using document::ElementType;

std::string zipped(const std::vector<std::pair<std::string, std::string>>& files) {
  zip_error_t error;
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : files) {
    const zip_int64_t index =
        zip_file_add(archive, name.c_str(),
                     zip_source_buffer(archive, bytes.data(), bytes.size(), 0), ZIP_FL_ENC_UTF_8);
    if (name == "mimetype")
      zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  REQUIRE(zip_close(archive) == 0);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  std::string out(static_cast<size_t>(zip_source_tell(target)), '\0');
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, out.data(), out.size());
  zip_source_close(target);
  zip_source_free(target);
  return out;
}

// A book of these chapters, and further files.
std::string book(const std::vector<std::string>& chapters,
                 const std::vector<std::pair<std::string, std::string>>& more = {}) {
  std::string items, spine;
  std::vector<std::pair<std::string, std::string>> files = {
      {"mimetype", "application/epub+zip"},
      {"META-INF/container.xml",
       "<container><rootfiles><rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>"}};
  for (size_t i = 0; i < chapters.size(); ++i) {
    const std::string id = "c" + std::to_string(i + 1);
    items += "<item id=\"" + id + "\" href=\"text/" + id +
             ".xhtml\" media-type=\"application/xhtml+xml\"/>";
    spine += "<itemref idref=\"" + id + "\"/>";
    files.emplace_back("OPS/text/" + id + ".xhtml", chapters[i]);
  }
  files.emplace_back(
      "OPS/book.opf",
      "<package version=\"3.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><metadata>"
      "<dc:title>The  Book</dc:title><dc:creator>Ada</dc:creator><dc:creator>Bob</dc:creator>"
      "<dc:language>en</dc:language></metadata><manifest>"
      "<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" "
      "properties=\"nav\"/>" +
          items + "</manifest><spine><itemref idref=\"nav\"/>" + spine + "</spine></package>");
  files.emplace_back("OPS/nav.xhtml",
                     "<html xmlns:epub=\"http://www.idpf.org/2007/ops\"><nav epub:type=\"toc\"><ol>"
                     "<li><a href=\"text/c1.xhtml#top\">First</a><ol><li><a "
                     "href=\"text/c2.xhtml\">Inner</a></li></ol></li></ol></nav></html>");
  files.insert(files.end(), more.begin(), more.end());
  return zipped(files);
}

std::string chapter(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE html><html "
         "xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\">"
         "<head><title>no text</title></head><body>" +
         body + "</body></html>";
}

document::PageFlow flow_of(OpenReader& reader, uint32_t page) {
  const document::PageContent content = reader.page(page);
  Result<document::PageFlow> flow = document::unpack_flow(content.flow);
  REQUIRE(flow);
  return *flow;
}

document::PageFlow flow_of(const std::string& body) {
  OpenReader reader(book({chapter(body)}));
  REQUIRE(reader.info);
  return flow_of(reader, 1);
}

std::string text(const document::Runs& runs) {
  std::string all;
  for (const document::Run& run : runs) all += run.line_break ? "/" : run.text;
  return all;
}

TEST_CASE("a book says its title, its contents and how many parts it has") {
  OpenReader reader(book({chapter("<p>one</p>"), chapter("<p>two</p>")}));
  REQUIRE(reader.info);
  CHECK(reader.info->type == "epub");
  CHECK(reader.info->pages == 2);
  CHECK(reader.info->title == "The Book");
  CHECK(reader.info->author == "Ada; Bob");
  REQUIRE(reader.info->bookmarks.size() == 2);
  CHECK(reader.info->bookmarks[1].title == "Inner");
  CHECK(reader.info->bookmarks[1].level == 2);
  CHECK(reader.info->bookmarks[1].page == 2);
  CHECK(text(flow_of(reader, 2).elements[0].runs) == "two");
  CHECK(reader.client.read_page(3, kTimeoutMs).error().code == ErrorCode::kPageFailed);
}

TEST_CASE("headings, paragraphs and inline text") {
  const document::PageFlow flow = flow_of(
      "<section><h2>A\n  <em>title</em></h2>"
      "<p>Plain,&#160;<strong>bold</strong> and <a href=\"https://example.org/\">a link</a>,<br/>"
      "<a href=\"#x\">here</a>.</p> loose text <div>in&#xAD;side</div></section>"
      "<script>var no = 1;</script>");
  REQUIRE(flow.elements.size() == 4);
  CHECK(flow.elements[0].type == ElementType::kHeading);
  CHECK(flow.elements[0].level == 2);
  CHECK(text(flow.elements[0].runs) == "A title");
  CHECK(text(flow.elements[1].runs) == "Plain, bold and a link,/here.");
  CHECK(flow.elements[1].runs[1].style == document::kBold);
  CHECK(flow.elements[1].runs[3].uri == "https://example.org/");
  CHECK(text(flow.elements[2].runs) == "loose text");
  CHECK(text(flow.elements[3].runs) == "inside");
}

TEST_CASE("lists, nested and numbered, and code") {
  const document::PageFlow flow = flow_of(
      "<ol start=\"3\"><li><p>three</p><p>more</p><ul><li>inner</li></ul></li><li>four</li></ol>"
      "<ul><li><input type=\"checkbox\" checked=\"\"/>done</li></ul>"
      "<pre><code>\nint a;\n  b();\n</code></pre>");
  REQUIRE(flow.elements.size() == 6);
  CHECK(flow.elements[0].number == 3);
  CHECK(flow.elements[0].ordered);
  CHECK(flow.elements[1].type == ElementType::kParagraph);
  CHECK(flow.elements[1].depth == 1);
  CHECK(flow.elements[2].depth == 1);
  CHECK(text(flow.elements[2].runs) == "inner");
  CHECK(flow.elements[3].number == 4);
  CHECK(flow.elements[4].marker == "☑");
  CHECK(flow.elements[5].code == "int a;\n  b();");
}

TEST_CASE("tables have their spans and headers") {
  const document::PageFlow flow = flow_of(
      "<table><caption>Dues</caption><thead><tr><th rowspan=\"2\">a</th><th>b</th></tr></thead>"
      "<tbody><tr><td>c</td></tr><tr><td colspan=\"9\">d<ul><li>e</li></ul></td></tr></tbody>"
      "</table>");
  REQUIRE(flow.elements.size() == 1);
  const document::ElementTable& table = flow.elements[0].table;
  CHECK(text(flow.elements[0].caption) == "Dues");
  CHECK(table.rows == 3);
  CHECK(table.header_rows == 1);
  REQUIRE(table.cells.size() == 4);
  CHECK(table.cells[0].row_span == 2);
  CHECK(table.cells[2].column == 1);
  CHECK(table.cells[3].column_span == 9);
  REQUIRE(table.cells[3].paragraphs.size() == 2);
  CHECK(text(table.cells[3].paragraphs[1]) == "• e");
}

TEST_CASE("notes stand where they are referred to, once") {
  const document::PageFlow flow = flow_of(
      "<p>Text<a href=\"#n1\" epub:type=\"noteref\">1</a> and<sup><a href=\"#n2\">*</a></sup>.</p>"
      "<aside id=\"n1\" epub:type=\"footnote\"><p>First. <a href=\"#r1\" "
      "role=\"doc-backlink\">back</a></p></aside>"
      "<ol><li id=\"n2\"><p>Second.</p><p>Its end.</p></li><li>no note</li></ol>");
  REQUIRE(flow.elements.size() == 4);
  CHECK(flow.notes == 2);
  CHECK(flow.elements[0].runs[1].note == 1);
  CHECK(flow.elements[0].runs[3].note == 2);
  CHECK(text(flow.elements[1].runs) == "no note");
  CHECK(flow.elements[2].type == ElementType::kFootnote);
  CHECK(text(flow.elements[2].runs) == "First.");
  CHECK(text(flow.elements[3].runs) == "Second./Its end.");
}

TEST_CASE("formulas are the LaTeX that the book has kept") {
  const std::string math =
      "<semantics><mi>x</mi><annotation "
      "encoding=\"application/x-tex\">x^2</annotation></semantics>";
  const document::PageFlow flow = flow_of("<p>with <math>" + math +
                                          "</math> and <math "
                                          "display=\"block\">" +
                                          math + "</math></p>");
  REQUIRE(flow.elements.size() == 2);
  CHECK(flow.elements[0].runs[1].text == "x^2");
  CHECK(flow.elements[0].runs[1].style == document::kMath);
  CHECK(flow.elements[1].type == ElementType::kFormula);
}

TEST_CASE("pictures are asked for one by one, and decoded in the reader") {
  // One grey pixel, as PNG.
  const std::string png(
      "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3A\x7E\x9B\x55"
      "\0\0\0\x0AIDAT\x78\x9C\x63\x68\0\0\0\x82\0\x81\x77\xCD\x72\xB6\0\0\0\0IEND\xAE\x42\x60\x82",
      67);
  OpenReader reader(book({chapter("<p>see <img src=\"../pictures/a%20b.png\" alt=\"a dot\"/></p>"
                                  "<figure><img src=\"../../../../etc/passwd\"/>"
                                  "<figcaption>none</figcaption></figure>")},
                         {{"OPS/pictures/a b.png", png}}));
  const document::PageFlow flow = flow_of(reader, 1);
  REQUIRE(flow.pictures.size() == 2);
  CHECK(text(flow.elements[flow.pictures[0].element].caption) == "a dot");
  CHECK(text(flow.elements[flow.pictures[1].element].caption) == "none");
  Result<worker::MappedRaster> raster = reader.client.render_picture(1, 0, kTimeoutMs);
  REQUIRE(raster);
  CHECK(raster->width() == 1);
  CHECK(raster->channels() == 3);
  CHECK_FALSE(reader.client.render_picture(1, 1, kTimeoutMs));
  CHECK_FALSE(reader.client.render_picture(1, 2, kTimeoutMs));
  CHECK_FALSE(reader.client.render(1, 72, true, {}, kTimeoutMs));
  CHECK(reader.client.running());
}

TEST_CASE("what is not well-formed is read as browsers read it") {
  OpenReader reader(book({"<html><body><p>one &mdash; two<p>three <b>bold</body>"}));
  const document::PageFlow flow = flow_of(reader, 1);
  REQUIRE(flow.elements.size() == 2);
  CHECK(text(flow.elements[0].runs) == "one — two");
  CHECK(text(flow.elements[1].runs) == "three bold");
}

TEST_CASE("bytes that are no text do not cost the page") {
  OpenReader reader(book({"<html><body><p>caf\xE9 \xFF\xC2</p><p title='\xFF'>next</p></body>"}));
  const document::PageFlow flow = flow_of(reader, 1);
  REQUIRE(flow.elements.size() == 2);
  CHECK(text(flow.elements[0].runs).starts_with("caf"));
  CHECK(text(flow.elements[1].runs) == "next");
}

TEST_CASE("hostile books cost nothing but themselves") {
  SECTION("entities that expand to billions, and one that is a file") {
    std::string entities = "<!ENTITY e0 \"lol\">";
    for (int i = 1; i < 12; ++i) {
      const std::string last = "&e" + std::to_string(i - 1) + ";";
      entities += "<!ENTITY e" + std::to_string(i) + " \"";
      for (int k = 0; k < 10; ++k) entities += last;
      entities += "\">";
    }
    OpenReader reader(book({"<!DOCTYPE html [" + entities +
                            "<!ENTITY file SYSTEM \"file:///etc/passwd\">]>"
                            "<html><body><p>a&e11;b&file;c</p></body></html>"}));
    const document::PageContent content = reader.page(1);
    CHECK(content.flow.size() < 4096);
    CHECK(content.flow.find("root:") == content.flow.npos);
    CHECK(content.flow.find("lollol") == content.flow.npos);
  }
  SECTION("a chapter that unpacks to more than there is room for") {
    OpenReader reader(book({chapter(std::string(40 << 20, ' ')), chapter("<p>next</p>")}));
    Result<document::PageContent> content = reader.client.read_page(1, kTimeoutMs);
    REQUIRE_FALSE(content);
    CHECK(text(flow_of(reader, 2).elements[0].runs) == "next");
  }
  SECTION("tags in tags in tags") {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<div>";
    OpenReader reader(book({"<html><body>" + deep + "x", chapter("<p>next</p>")}));
    (void)reader.client.read_page(1, kTimeoutMs);
    if (!reader.client.running()) FAIL("the reader is gone");
    CHECK(text(flow_of(reader, 2).elements[0].runs) == "next");
  }
  SECTION("a table of a cell that spans everything") {
    const document::PageFlow flow = flow_of(
        "<table><tr><td rowspan=\"65000\" colspan=\"1000\">a</td></tr><tr><td>b</td></tr></table>");
    REQUIRE(flow.elements.size() == 1);
    CHECK(flow.elements[0].table.rows == 2);
  }
  SECTION("more text than a page may hold") {
    proto::DocumentLimits limits;
    limits.max_page_objects = 100;
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "<p>x</p>";
    OpenReader reader(book({chapter(many)}), {}, limits);
    CHECK(reader.page(1).truncated);
  }
}

TEST_CASE("books that cannot be read say why") {
  CHECK(OpenReader(zipped({{"mimetype", "application/epub+zip"}})).code() == ErrorCode::kDamaged);
  const std::string whole = book({chapter("<p>one</p>")});
  CHECK(OpenReader(whole.substr(0, whole.size() / 2)).code() == ErrorCode::kDamaged);
  CHECK(OpenReader(book({})).code() == ErrorCode::kNoPages);
  const std::string encrypted =
      "<encryption><EncryptedData><EncryptionMethod "
      "Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/></EncryptedData></encryption>";
  CHECK(OpenReader(book({chapter("")}, {{"META-INF/encryption.xml", encrypted}})).code() ==
        ErrorCode::kUnsupportedSecurity);
}

}  // namespace
}  // namespace pdf2md::test
