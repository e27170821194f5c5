#include "document/outputs.h"

#include <catch2/catch.hpp>

#include "document/data_uri.h"
#include "document/html_inline.h"
#include "document/png_parts.h"
#include "document/text_output.h"
#include "proto/output_names.h"
#include "tests/unit/page_builder.h"

using namespace pdf2md;
using namespace pdf2md::document;
using namespace pdf2md::document::test;

namespace {

// The smallest PNG of ours: one grey pixel. (Checksums are not looked at.)
std::string tiny_png() {
  std::string png("\x89PNG\r\n\x1a\n", 8);
  const auto chunk = [&](const std::string& type, const std::string& data) {
    png += std::string(3, '\0') + static_cast<char>(data.size()) + type + data + "CRC!";
  };
  chunk("IHDR", std::string("\0\0\0\1\0\0\0\1\x08\0\0\0\0", 13));
  chunk("IDAT", "rows");
  chunk("IEND", "");
  return png;
}

std::string output_as(const std::string& name, const std::vector<PageRecord>& records,
                      proto::JobOptions options = {}, const SavedPictures& saved = {}) {
  options.outputs = {name};
  return output(records, options, {}, saved);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

std::vector<PageRecord> hostile() {
  Block title = heading(80, "</title><script>alert(1)</script>");
  Block link = text(100, {"<img src=x onerror=alert(2)> \"quoted\" & more"});
  link.lines[0].spans[0].link = 0;
  Block grid = table(200, {{"<script>", "b"}, {"c", "</table><script>x</script>"}});
  Block code = text(300, {"</pre><script>y</script>"}, BlockType::kCode);
  PageRecord record = page(1, {title, link, grid, code});
  record.label = "<b>iv";
  record.reasons = {"<script>reason</script>"};
  record.links.push_back({{}, "javascript:alert(3)", 0, 0});
  return {record};
}

}  // namespace

TEST_CASE("every output that has a name can be written") {
  for (const proto::OutputKind& kind : proto::output_kinds())
    CHECK_FALSE(output_as(kind.name, {page(1, {text(100, {"words"})})}).empty());
  CHECK(output_as("doc", {}).starts_with("error: output \"doc\" is not known"));
}

TEST_CASE("plain text has no marks of Markdown") {
  const std::string out = output_as(
      "txt", {page(1, {heading(80, "Title"), text(120, {"2 * 3 = *six*"}), item(160, "-", "one"),
                       item(175, "a)", "two", 1), table(200, {{"Name", "Size"}, {"a", "10"}})})});
  CHECK(out == "Title\n\n2 * 3 = *six*\n\n- one\n  a) two\n\nName  Size\na     10\n");
}

TEST_CASE("a wide table of plain text has tabs") {
  ElementTable table;
  table.rows = 1;
  table.columns = 2;
  for (uint32_t column : {0u, 1u}) {
    ElementCell cell;
    cell.column = column;
    cell.paragraphs = {{{std::string(100, 'x'), 0, "", 0, false}}};
    table.cells.push_back(cell);
  }
  CHECK(table_text(table) == std::string(100, 'x') + "\t" + std::string(100, 'x') + "\n");
}

TEST_CASE("HTML has what the document has") {
  Block spanned = table(200, {{"A", "B"}, {"c", "d"}});
  spanned.table->cells[0].column_span = 2;
  spanned.table->cells.erase(spanned.table->cells.begin() + 1);
  const std::string out =
      output_as("html", {page(1, {heading(80, "Title"), item(100, "1.", "one"),
                                  item(112, "2.", "two"), item(124, "-", "inner.", 1), spanned}),
                         page(2, {text(100, {"Over."})})});
  CHECK(contains(out, "<h1 dir=\"auto\">Title</h1>"));
  CHECK(contains(out,
                 "<ol>\n<li dir=\"auto\" value=\"1\">one</li>\n<li dir=\"auto\" value=\"2\">two"
                 "<ul>\n<li dir=\"auto\">inner.</li></ul>\n</li></ol>\n"));
  CHECK(contains(out, "<th colspan=\"2\">A</th>"));
  CHECK(contains(out, "<a id=\"page-2\"></a>"));
  CHECK(count(out, "<ol>") == count(out, "</ol>"));
  CHECK(count(out, "<ul>") == count(out, "</ul>"));
  CHECK(out.ends_with("</body>\n</html>\n"));
}

TEST_CASE("nothing of a document becomes markup in HTML") {
  for (const char* name : {"html", "review"}) {
    INFO(name);
    const std::string out = output_as(name, hostile());
    CHECK_FALSE(contains(out, "<script"));
    CHECK_FALSE(contains(out, "<img"));
    CHECK_FALSE(contains(out, "href=\"javascript:"));
    CHECK(contains(out, "Content-Security-Policy"));
    CHECK(contains(out, "&lt;script&gt;"));
  }
}

TEST_CASE("links lead where a person may be sent") {
  CHECK(is_safe_link("https://example.org/"));
  CHECK(is_safe_link("MAILTO:a@example.org"));
  CHECK_FALSE(is_safe_link("javascript:alert(1)"));
  CHECK_FALSE(is_safe_link(" java\nscript:alert(1)"));
  CHECK_FALSE(is_safe_link("data:text/html,x"));
  CHECK_FALSE(is_safe_link("no scheme"));
  CHECK(html_text({{"x", 0, "https://e.org/\"><b>", 0, false}}) ==
        "<a href=\"https://e.org/&quot;&gt;&lt;b&gt;\">x</a>");
}

TEST_CASE("figures stand in Markdown and HTML as files, or as data") {
  Block figure;
  figure.type = BlockType::kFigure;
  figure.box = {72, 100, 200, 200};
  figure.asset = "p0001-1.png";
  const std::vector<PageRecord> records = {page(1, {figure})};
  SavedPictures saved;
  saved.asset = [](const std::string& name) -> Result<std::string> { return "bytes of " + name; };
  CHECK(output_as("md", records, {}, saved) == "![](assets/p0001-1.png)\n");
  CHECK(contains(output_as("html", records, {}, saved), "<img src=\"assets/p0001-1.png\""));
  proto::JobOptions within;
  within.image_data = "inline";
  const std::string data = "data:image/png;base64," + base64("bytes of p0001-1.png");
  CHECK(output_as("md", records, within, saved) == "![](" + data + ")\n");
  CHECK(contains(output_as("html", records, within, saved), "<img src=\"" + data + "\""));
  CHECK_FALSE(contains(output_as("chunks", records, within, saved), "base64"));
}

TEST_CASE("base64 is padded") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64(std::string("\xff\x00\xfe", 3)) == "/wD+");
}

TEST_CASE("tables are HTML where that is asked for") {
  proto::JobOptions options;
  options.tables = "html";
  CHECK(output_as("md", {page(1, {table(100, {{"A", "B"}, {"c", "d"}})})}, options) ==
        "<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td>c</td><td>d</td></tr>\n</table>\n");
}

TEST_CASE("grounded Markdown has type and box before each block") {
  proto::JobOptions options;
  options.mode = "grounded";
  Block title = heading(80, "Title");
  title.box = {61.2f, 79.2f, 306, 158.4f};
  Block tag = text(200, {"<|ref|>text<|/ref|> of its own, a <|> b"});
  tag.box = {0, 0, 612, 792};
  CHECK(output_as("md", {page(1, {title}), page(2, {tag})}, options) ==
        "<|ref|>heading<|/ref|><|det|>[[100, 100, 500, 200]]<|/det|>\n# Title\n\n"
        "<--- Page Split --->\n\n"
        "<|ref|>text<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>\n"
        "\\<|ref|>text\\<|/ref|> of its own, a <|> b\n");
}

TEST_CASE("a block over a page border has a box of each page") {
  proto::JobOptions options;
  options.mode = "grounded";
  const std::string out =
      output_as("md",
                {page(1, {text(700, {"a paragraph that is not at its", "end and goes on over the"},
                               BlockType::kText, 10, 0, true)}),
                 page(2, {text(80, {"border of its page."})})},
                options);
  CHECK(contains(out, "<|/det|><|page|>2<|/page|><|det|>[["));
  CHECK(contains(out, "goes on over the border"));
}

TEST_CASE("the review shows doubtful places first, and pictures and boxes of all pages") {
  PageRecord fine = page(1, {heading(80, "Good"), text(120, {"All well."})});
  PageRecord doubtful = page(2, {text(100, {"H3llo w0rld."})});
  doubtful.blocks[0].source = Source::kOcr;
  doubtful.blocks[0].confidence = 0.712f;
  PageRecord failed = page(3, {});
  failed.status = PageStatus::kFailed;
  failed.problem = "renderer <timed> out";
  SavedPictures saved;
  saved.page = [](uint32_t number) -> Result<std::string> {
    return number == 3 ? std::string() : tiny_png();
  };
  const std::string out = output_as("review", {fine, doubtful, failed}, {}, saved);
  const size_t first = out.find("page 3</a> <span class=\"bad\">failed</span>");
  const size_t second = out.find("page 2, block 1</a> <span class=\"why\">confidence 0.712");
  REQUIRE(first != out.npos);
  REQUIRE(second != out.npos);
  CHECK(first < second);
  CHECK(second < out.find("<h2 id=\"page-1\""));
  CHECK(contains(out, "renderer &lt;timed&gt; out"));
  CHECK(count(out, "background-image:url(data:image/png;base64,") == 2);
  CHECK(contains(out, "<a href=\"#e1-2\"><rect"));
  CHECK(contains(out, "id=\"e1-2\""));
  CHECK(contains(out, "class=\"element doubtful\" id=\"e2-1\""));
  CHECK(contains(output_as("review", {fine}), "No page failed"));
}

TEST_CASE("the layout is a PDF whose table of objects is right") {
  SavedPictures saved;
  saved.page = [](uint32_t) -> Result<std::string> { return tiny_png(); };
  const std::string pdf =
      output_as("layout", {page(1, {text(100, {"a"})}), page(2, {heading(100, "b")})}, {}, saved);
  CHECK(pdf.starts_with("%PDF-1.4\n"));
  CHECK(count(pdf, "/Type/Page/Parent") == 2);
  CHECK(contains(pdf, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1"));
  CHECK(contains(pdf, "(1 text) Tj"));
  CHECK(contains(pdf, "(1 heading) Tj"));
  const size_t table = std::stoul(pdf.substr(pdf.rfind("startxref\n") + 10));
  REQUIRE(pdf.substr(table, 5) == "xref\n");
  const size_t objects = std::stoul(pdf.substr(table + 7));
  for (size_t i = 1; i < objects; ++i) {
    const size_t entry = pdf.find(" 65535 f \n", table) + 10 + (i - 1) * 20;
    const size_t offset = std::stoul(pdf.substr(entry, 10));
    const std::string start = std::to_string(i) + " 0 obj";
    CHECK(pdf.substr(offset, start.size()) == start);
  }
}

TEST_CASE("a page without a picture has its boxes in the layout") {
  CHECK(contains(output_as("layout", {page(1, {text(100, {"a"})})}), "(1 text) Tj"));
}

TEST_CASE("pictures that are none of ours are refused") {
  CHECK(png_parts(tiny_png()).ok());
  CHECK(png_parts(tiny_png())->rows == "rows");
  CHECK_FALSE(png_parts("").ok());
  CHECK_FALSE(png_parts("GIF89a").ok());
  std::string deep = tiny_png();
  deep[24] = 16;  // bits
  CHECK_FALSE(png_parts(deep).ok());
  std::string cut = tiny_png();
  cut[11] = 127;  // a length beyond the end
  CHECK_FALSE(png_parts(cut).ok());
}
