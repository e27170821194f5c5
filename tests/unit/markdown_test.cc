#include "document/markdown.h"

#include <catch2/catch.hpp>

#include "document/markdown_inline.h"

using namespace pdf2md::document;

namespace {

std::string para(const std::string& text) {
  return inline_markdown({{text, 0, "", 0, false}}, InlinePlace::kParagraph);
}
Run run(const std::string& text, uint16_t style = 0, const std::string& uri = "") {
  return {text, style, uri, 0, false};
}
std::string md(const Runs& runs) {
  return inline_markdown(runs, InlinePlace::kParagraph);
}

}  // namespace

TEST_CASE("text that would begin a block is escaped, other text is not") {
  CHECK(para("1. May was cold") == "1\\. May was cold");
  CHECK(para("1.5 m") == "1.5 m");
  CHECK(para("# one") == "\\# one");
  CHECK(para("#one") == "#one");
  CHECK(para("- dash") == "\\- dash");
  CHECK(para("-5 degrees") == "-5 degrees");
  CHECK(para("> more") == "\\> more");
  CHECK(para("---") == "\\---");
  CHECK(para("+ plus") == "\\+ plus");
}

TEST_CASE("marks that would open something are escaped") {
  CHECK(para("a*b*c") == "a\\*b\\*c");
  CHECK(para("2 * 3") == "2 * 3");
  CHECK(para("snake_case_name") == "snake_case_name");
  CHECK(para("_init_") == "\\_init\\_");
  CHECK(para("a `tick`") == "a \\`tick\\`");
  CHECK(para("x <b> y < z") == "x \\<b> y < z");
  CHECK(para("&amp; & co") == "\\&amp; & co");
  CHECK(para("[see](that)") == "\\[see](that)");
  CHECK(para("[see] that") == "[see] that");
  CHECK(para("[^1]") == "\\[^1]");
  CHECK(para("C:\\dir \\* x") == "C:\\dir \\\\\\* x");
  CHECK(para("$5") == "$5");
  CHECK(para("$x$") == "\\$x\\$");
}

TEST_CASE("emphasis hugs its words") {
  CHECK(md({run("a "), run("bold ", kBold), run("word")}) == "a **bold** word");
  CHECK(md({run("so "), run("b", kBold), run("bi", kBold | kItalic), run("i", kItalic)}) ==
        "so **b*bi***" + std::string("*i*"));
  CHECK(md({run("Note:", kBold), run("text")}) == "**Note**:text");
  CHECK(md({run("Note:", kBold), run(" text")}) == "**Note:** text");
  CHECK(md({run("all italic", kItalic)}) == "*all italic*");
  CHECK(md({run("Figure 1:", kBold | kItalic), run(" what it shows", kItalic)}) ==
        "***Figure 1:** what it shows*");
  CHECK(md({run("Ann", kBold), run("1", kSuperscript), run(", Bob", kBold)}) ==
        "**Ann**<sup>1</sup>, **Bob**");
}

TEST_CASE("monospaced runs are code, with a fence that fits") {
  CHECK(md({run("call "), run("f(x)", kMonospaced)}) == "call `f(x)`");
  CHECK(md({run("a`b", kMonospaced)}) == "``a`b``");
  CHECK(md({run("*p", kMonospaced)}) == "`*p`");
}

TEST_CASE("links are written short where the text is the address") {
  CHECK(md({run("see "), run("here", 0, "https://a.org/x"), run(".")}) ==
        "see [here](https://a.org/x).");
  CHECK(md({run("https://a.org/x", 0, "https://a.org/x")}) == "<https://a.org/x>");
  CHECK(md({run("me@a.org", 0, "mailto:me@a.org")}) == "<me@a.org>");
  CHECK(md({run("a b", 0, "https://a.org/a b(c")}) == "[a b](https://a.org/a%20b%28c)");
  CHECK(md({run("part ", 0, "https://a.org"), run("two", kItalic, "https://a.org")}) ==
        "[part *two*](https://a.org)");
}

TEST_CASE("pipes in cells are escaped and breaks are kept") {
  ElementTable table;
  table.rows = 2;
  table.columns = 2;
  table.header_rows = 1;
  table.cells = {{0, 0, 1, 1, true, {{run("a|b")}}},
                 {0, 1, 1, 1, true, {{run("c")}}},
                 {1, 0, 1, 1, false, {{run("x")}, {run("y")}}},
                 {1, 1, 1, 1, false, {}}};
  CHECK(table_markdown(table) == "| a\\|b | c |\n| --- | --- |\n| x<br>y |  |\n");
}

TEST_CASE("a table with spans is HTML") {
  ElementTable table;
  table.rows = 2;
  table.columns = 2;
  table.header_rows = 1;
  table.cells = {{0, 0, 1, 2, true, {{run("a < b")}}},
                 {1, 0, 1, 1, false, {{run("x", kBold)}}},
                 {1, 1, 1, 1, false, {{run("y")}}}};
  CHECK(table_markdown(table) ==
        "<table>\n<tr><th colspan=\"2\">a &lt; "
        "b</th></tr>\n<tr><td><strong>x</strong></td><td>y</td></tr>\n</table>\n");
}
