#include "document/assemble.h"

#include <catch2/catch.hpp>

#include "tests/unit/page_builder.h"

using namespace pdf2md;
using namespace pdf2md::document;
using namespace pdf2md::document::test;

TEST_CASE("a paragraph is one line, and its broken words are whole") {
  CHECK(output({page(1, {text(100, {"The informa-", "tion is", "complete."})})}) ==
        "The information is complete.\n");
}

TEST_CASE("a sentence that goes on over the page is one paragraph") {
  CHECK(output({page(1, {text(600, {"It begins here", "and goes"}, BlockType::kText, 10, 0, true)}),
                page(2, {text(100, {"on over there.", "End."}), text(200, {"Another."})})}) ==
        "It begins here and goes on over there. End.\n\nAnother.\n");
}

TEST_CASE("a word broken at the end of a page is joined") {
  CHECK(output({page(1, {text(600, {"It is incom-"}, BlockType::kText, 10, 0, true)}),
                page(2, {text(100, {"plete here."})})}) == "It is incomplete here.\n");
}

TEST_CASE("a paragraph that has ended is not joined with the next page") {
  CHECK(output({page(1, {text(600, {"It ends here", "at last."})}),
                page(2, {text(100, {"New words."})})}) == "It ends here at last.\n\nNew words.\n");
}

TEST_CASE("a figure between the parts of a paragraph comes after it") {
  Block figure = block(BlockType::kFigure, {});
  figure.box = {72, 60, 300, 200};
  figure.asset = "p0002-1.png";
  Block caption = text(210, {"Figure 1: A thing"}, BlockType::kCaption);
  CHECK(output({page(1, {text(600, {"It begins here", "and goes"}, BlockType::kText, 10, 0, true)}),
                page(2, {figure, caption, text(300, {"on over there."})})}) ==
        "It begins here and goes on over there.\n\n![Figure 1: A thing](assets/p0002-1.png)\n");
}

TEST_CASE("a caption that is no alt text is a paragraph under its figure") {
  Block figure = block(BlockType::kFigure, {});
  figure.box = {72, 60, 300, 200};
  figure.asset = "p0001-1.png";
  const auto with_caption = [&](Span extra) {
    Block caption = text(210, {"Figure 1: A thing seen from"}, BlockType::kCaption);
    caption.lines[0].spans.push_back(extra);
    return output({page(1, {figure, caption})});
  };
  CHECK(with_caption(span(" above.")) ==
        "![Figure 1: A thing seen from above.](assets/p0001-1.png)\n");
  Span formula = span(" x^2");
  formula.style = kMath;
  CHECK(with_caption(formula) ==
        "![Figure 1](assets/p0001-1.png)\n\n*Figure 1: A thing seen from $x^2$*\n");
  std::string more;
  while (more.size() < 200) more += " and from above";
  CHECK(with_caption(span(more)) ==
        "![Figure 1](assets/p0001-1.png)\n\n*Figure 1: A thing seen from" + more + "*\n");
}

TEST_CASE("a paragraph goes on in the next column") {
  Block left =
      text(600, {"A column that ends in the middle", "of a"}, BlockType::kText, 10, 0, true);
  std::vector<Line> lines{line(420, 100, {span("sentence.")})};
  CHECK(output({page(1, {left, block(BlockType::kText, lines)})}) ==
        "A column that ends in the middle of a sentence.\n");
}

TEST_CASE("headings get levels by size, the title is the only one at the top") {
  const std::string md = output(
      {page(1, {heading(80, "The Title", 20), heading(120, "First", 14), text(140, {"Words."}),
                heading(160, "Deeper", 12), text(180, {"Words."}), heading(200, "Second", 14)})});
  CHECK(md == "# The Title\n\n## First\n\nWords.\n\n### Deeper\n\nWords.\n\n## Second\n");
}

TEST_CASE("authors below the title are no heading") {
  const Block authors = text(110, {"Ann Author and Bob Writer"}, BlockType::kHeading, 12);
  CHECK(output({page(1, {heading(80, "The Title", 20), authors, text(130, {"Institute of Things"}),
                         heading(160, "Summary"), text(180, {"Words."}), heading(200, "Need")})}) ==
        "# The Title\n\nAnn Author and Bob Writer\n\nInstitute of Things\n\n## "
        "Summary\n\nWords.\n\n## Need\n");
}

TEST_CASE("authors whose type headings have further down are no heading either") {
  const std::string out =
      output({page(1, {heading(60, "The Title", 20), heading(90, "An Author", 12),
                       text(110, {"1 Institute of this and that in some town,", "with its address,",
                                  "and its country."}),
                       heading(160, "Summary", 14), text(180, {"First,", "second,", "third."}),
                       heading(240, "A Part", 12), text(260, {"First,", "second,", "third."})})});
  CHECK(out.find("# An Author") == std::string::npos);
  CHECK(out.find("\n## Summary\n") != std::string::npos);
  CHECK(out.find("\n### A Part\n") != std::string::npos);
}

TEST_CASE("the title above the text does not repeat that of the title page") {
  const std::string out = output({page(1, {heading(300, "The Title", 24)}),
                                  page(2, {heading(60, "The Title", 16), heading(90, "A Part", 12),
                                           text(110, {"First,", "second,", "third."})})});
  CHECK(out.find("# The Title\n\n## A Part\n") == 0);
}

TEST_CASE("a title on two lines is one heading") {
  CHECK(output({page(1, {heading(80, "A long title that goes", 20), heading(102, "on below", 20),
                         text(130, {"Words."}), heading(160, "Next")})}) ==
        "# A long title that goes on below\n\nWords.\n\n## Next\n");
}

TEST_CASE("numbering decides levels that type does not show") {
  const std::string md =
      output({page(1, {heading(80, "1 One"), text(100, {"Words."}), heading(120, "1.1 Sub"),
                       text(140, {"Words."}), heading(160, "1.1.1 Deep"), text(180, {"Words."}),
                       heading(200, "2 Two")})});
  CHECK(md == "# 1 One\n\nWords.\n\n## 1.1 Sub\n\nWords.\n\n### 1.1.1 Deep\n\nWords.\n\n# 2 Two\n");
}

TEST_CASE("bookmarks decide levels and find headings that look like text") {
  DocumentInfo info;
  info.bookmarks = {{"Alpha", 1, 1, 0}, {"Beta", 2, 1, 0}};
  Block beta = text(150, {"Beta"}, BlockType::kText, 10, kBold);
  CHECK(output({page(1, {heading(80, "Alpha"), text(100, {"Words words words words."}), beta,
                         text(180, {"More words here."})})},
               {}, info) == "# Alpha\n\nWords words words words.\n\n## Beta\n\nMore words here.\n");
}

TEST_CASE("a bookmark makes a heading on its own page only") {
  DocumentInfo info;
  info.bookmarks = {{"Alpha", 1, 1, 0}, {"Beta", 2, 2, 0}};
  Block beta = text(150, {"Beta"}, BlockType::kText, 10, kBold);
  CHECK(output({page(1, {heading(80, "Alpha"), text(100, {"Words words words words."}), beta,
                         text(180, {"More words here."})})},
               {},
               info) == "# Alpha\n\nWords words words words.\n\n**Beta**\n\nMore words here.\n");
}

TEST_CASE("one number among headings is no numbering") {
  CHECK(output({page(1, {heading(80, "Alpha"), text(100, {"Words."}), heading(120, "Beta"),
                         text(140, {"Words."}), heading(160, "Gamma"), text(180, {"Words."}),
                         heading(200, "3.1 Delta"), text(220, {"Words."})})}) ==
        "# Alpha\n\nWords.\n\n# Beta\n\nWords.\n\n# Gamma\n\nWords.\n\n# 3.1 Delta\n\nWords.\n");
}

TEST_CASE("no heading level is skipped") {
  LevelStack levels;
  CHECK(levels.next(1) == 1);
  CHECK(levels.next(4) == 2);
  CHECK(levels.next(4) == 2);
  CHECK(levels.next(6) == 3);
  CHECK(levels.next(2) == 2);
  CHECK(levels.next(1) == 1);
}

TEST_CASE("numbers at the start of titles have a depth") {
  CHECK(numbering_depth("3 Results") == 1);
  CHECK(numbering_depth("3.1. Results") == 2);
  CHECK(numbering_depth("A.1 Proofs") == 2);
  CHECK(numbering_depth("Chapter 4") == 1);
  CHECK(numbering_depth("Anhang B Tafeln") == 1);
  CHECK(numbering_depth("第3章 方法") == 1);
  CHECK(numbering_depth("IV. Method") == 1);
  CHECK(numbering_depth("2024 in review") == 1);
  CHECK(numbering_depth("20245 things") == 0);
  CHECK(numbering_depth("A tale") == 0);
  CHECK(numbering_depth("I. A. Author and M. Other") == 0);
  CHECK(numbering_depth("Results") == 0);
}

TEST_CASE("running headers and page numbers are left out, and can be kept") {
  std::vector<PageRecord> pages;
  for (uint32_t n = 1; n <= 4; ++n)
    pages.push_back(page(
        n, {text(40, {"A Running Title"}), text(200, {"Page text " + std::string(n, 'x') + "."}),
            text(760, {std::to_string(n + 10)})}));
  CHECK(output(pages) == "Page text x.\n\nPage text xx.\n\nPage text xxx.\n\nPage text xxxx.\n");
  proto::JobOptions keep;
  keep.keep_headers = true;
  const std::string kept = output(pages, keep);
  CHECK(kept.find("A Running Title") != kept.npos);
  CHECK(kept.find("\n14\n") != kept.npos);
}

TEST_CASE("running headers alternate between odd and even pages") {
  std::vector<PageRecord> pages;
  for (uint32_t n = 1; n <= 8; ++n)
    pages.push_back(page(n, {text(40, {n % 2 == 0 ? "Left Title" : "Right Title"}),
                             text(200, {"Body number " + std::string(n, 'y') + "."})}));
  const std::string md = output(pages);
  CHECK(md.find("Title") == md.npos);
}

TEST_CASE("what stands at the edge of a page once, or far apart, is text") {
  CHECK(output({page(1, {text(200, {"Body."}), text(760, {"42"})})}) == "Body.\n\n42\n");
  std::vector<PageRecord> pages;
  for (uint32_t n = 1; n <= 12; ++n) {
    std::vector<Block> blocks;
    if (n == 2 || n == 9) blocks.push_back(text(40, {"The same words."}));
    blocks.push_back(text(200, {"Body number " + std::string(n, 'y') + "."}));
    pages.push_back(page(n, blocks));
  }
  const std::string md = output(pages);
  size_t found = 0;
  for (size_t at = md.find("The same"); at != md.npos; at = md.find("The same", at + 1)) ++found;
  CHECK(found == 2);
}

TEST_CASE("chapter headings on top of pages are not running headers") {
  std::vector<PageRecord> pages;
  for (uint32_t n = 1; n <= 4; ++n)
    pages.push_back(
        page(n, {heading(60, "Chapter " + std::to_string(n), 20), text(200, {"Words."})}));
  const std::string md = output(pages);
  CHECK(md.find("# Chapter 1") != md.npos);
  CHECK(md.find("# Chapter 4") != md.npos);
}

TEST_CASE("a heading with the page's number beside it is a running head") {
  std::vector<PageRecord> pages;
  for (uint32_t n = 1; n <= 2; ++n) {
    Block head = block(BlockType::kHeading, {line(72, 40, {span("Of Profits", 0, 12)})});
    Span number = span(std::to_string(n + 6), 0, 12);
    number.box = {380, 28, 386, 40};
    head.lines[0].spans.push_back(number);
    pages.push_back(page(n, {head, text(200, {"Words of page " + std::to_string(n) + "."})}));
  }
  CHECK(output(pages) == "Words of page 1.\n\nWords of page 2.\n");
}

TEST_CASE("lists nest and keep their numbers") {
  CHECK(output({page(1, {item(100, "•", "one"), item(115, "◦", "inner", 1, 90),
                         item(130, "•", "two")})}) == "- one\n  - inner\n- two\n");
  CHECK(output({page(1, {item(100, "3.", "three"), item(115, "4.", "four")})}) ==
        "3. three\n4. four\n");
}

TEST_CASE("lists of other kinds, and lists counted anew, stay apart") {
  CHECK(output({page(1, {item(100, "•", "one"), item(115, "3.", "three")})}) ==
        "- one\n\n3. three\n");
  CHECK(output({page(1, {item(100, "1.", "one"), item(115, "1.", "other")})}) ==
        "1. one\n\n<!-- -->\n\n1. other\n");
  CHECK(output({page(1, {item(100, "☑", "done"), item(115, "a)", "letter")})}) ==
        "- [x] done\n- a) letter\n");
}

TEST_CASE("a header that pages part differently is one header") {
  auto with_head = [](uint32_t n, bool parted) {
    Block left = block(BlockType::kText, {line(72, 40, {span("Example")})});
    Block right = block(BlockType::kText, {line(500, 40, {span("2017-02-20")})});
    Block whole = block(BlockType::kText, {line(72, 40, {span("Example 2017-02-20")})});
    std::vector<Block> blocks =
        parted ? std::vector<Block>{left, right} : std::vector<Block>{whole};
    blocks.push_back(text(300, {"Page " + std::string(n, 'z') + "."}));
    return page(n, blocks);
  };
  CHECK(output({with_head(1, true), with_head(2, false)}) == "Page z.\n\nPage zz.\n");
}

TEST_CASE("a paragraph that stands in at an item's text belongs to the item") {
  Block first = block(BlockType::kListItem, {line(90, 100, {span("The first line")}, 400),
                                             line(90, 112, {span("and the second.")})});
  first.box.x0 = 72;
  first.marker = "1.";
  Block more = block(BlockType::kText, {line(90, 130, {span("More of it.")})});
  CHECK(output({page(1, {first, more, text(160, {"Outside."})})}) ==
        "1. The first line and the second.\n\n   More of it.\n\nOutside.\n");
}

TEST_CASE("a heading ends the list above it") {
  Block inside = block(BlockType::kText, {line(85, 160, {span("Text.")})});
  CHECK(output({page(1, {item(100, "•", "one"), heading(130, "Head"), inside})}) ==
        "- one\n\n# Head\n\nText.\n");
}

TEST_CASE("a table that repeats its header on the next page is one table") {
  CHECK(output({page(1, {table(600, {{"A", "B"}, {"1", "2"}})}),
                page(2, {table(60, {{"A", "B"}, {"3", "4"}})})}) ==
        "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n");
}

TEST_CASE("tables with other headers stay apart") {
  const std::string md = output({page(1, {table(600, {{"A", "B"}, {"1", "2"}})}),
                                 page(2, {table(60, {{"C", "D"}, {"3", "4"}})})});
  CHECK(md == "| A | B |\n| --- | --- |\n| 1 | 2 |\n\n| C | D |\n| --- | --- |\n| 3 | 4 |\n");
}

TEST_CASE("a table without a header goes on with the one before if it has the same shape") {
  const Block first = table(600, {{"A", "B"}, {"1", "2"}});
  Block next = table(60, {{"3", "4"}}, false);
  const std::string joined = "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n";
  CHECK(output({page(1, {first}), page(2, {next})}) == joined);
  next.box.x1 = 300;
  CHECK(output({page(1, {first}), page(2, {next})}) != joined);
  const Block wider = table(60, {{"3", "4", "5"}}, false);
  CHECK(output({page(1, {first}), page(2, {wider})}) ==
        "| A | B |\n| --- | --- |\n| 1 | 2 |\n\n| 3 | 4 | 5 |\n| --- | --- | --- |\n");
}

TEST_CASE("a caption goes to what it names, not to what is nearest") {
  Block figure = block(BlockType::kFigure, {});
  figure.box = {72, 200, 300, 300};
  figure.asset = "p0001-1.png";
  CHECK(output({page(1, {table(100, {{"A"}, {"1"}}),
                         text(140, {"Figure 1: Things"}, BlockType::kCaption), figure})}) ==
        "| A |\n| --- |\n| 1 |\n\n![Figure 1: Things](assets/p0001-1.png)\n");
}

TEST_CASE("a table's caption is the emphasised paragraph above it") {
  CHECK(output({page(1, {table(100, {{"A"}, {"1"}}),
                         text(140, {"Table 1: Numbers"}, BlockType::kCaption)})}) ==
        "*Table 1: Numbers*\n\n| A |\n| --- |\n| 1 |\n");
}

TEST_CASE("footnotes are references with definitions at the end") {
  Block body =
      block(BlockType::kText, {line(72, 100,
                                    {span("As shown"), span("1", kSuperscript, 6),
                                     span(" before, and here."), span("2", kSuperscript, 6)})});
  Block one = block(BlockType::kText,
                    {line(72, 700, {span("1", kSuperscript, 5), span(" The first.", 0, 8)})});
  Block two = block(BlockType::kText,
                    {line(72, 712, {span("2", kSuperscript, 5), span("The second goes", 0, 8)})});
  Block rest = text(730, {"on over there."}, BlockType::kFootnote, 8);
  CHECK(output({page(1, {body, one, two}), page(2, {text(100, {"Next page."}), rest})}) ==
        "As shown[^1] before, and here.[^2]\n\nNext page.\n\n[^1]: The first.\n\n[^2]: The second "
        "goes on over there.\n");
}

TEST_CASE("marks that begin anew on each page get numbers of the document") {
  auto with_note = [](uint32_t n) {
    Block body = block(BlockType::kText,
                       {line(72, 300, {span("Words"), span("*", kSuperscript, 6), span(".")})});
    Block note = block(
        BlockType::kText,
        {line(72, 700,
              {span("*", kSuperscript, 5), span(" Note " + std::string(n, 'n') + ".", 0, 8)})});
    return page(n, {body, note});
  };
  CHECK(output({with_note(1), with_note(2)}) ==
        "Words[^1].\n\nWords[^2].\n\n[^1]: Note n.\n\n[^2]: Note nn.\n");
}

TEST_CASE("numbered notes at the end of the document are notes") {
  Block body =
      block(BlockType::kText, {line(72, 100,
                                    {span("One"), span("1", kSuperscript, 6), span(" and two"),
                                     span("2", kSuperscript, 6), span(".")})});
  CHECK(output({page(1, {body}),
                page(2, {item(100, "1.", "Note one."), item(112, "2.", "Note two.")})}) ==
        "One[^1] and two[^2].\n\n[^1]: Note one.\n\n[^2]: Note two.\n");
}

TEST_CASE("exponents are not notes") {
  Block body = block(BlockType::kText,
                     {line(72, 100, {span("10"), span("6", kSuperscript, 6), span(" cells")})});
  CHECK(output({page(1, {body, text(130, {"6 of them."})})}) ==
        "10<sup>6</sup> cells\n\n6 of them.\n");
}

TEST_CASE("failed, blank and degraded pages are seen") {
  PageRecord failed = page(2, {}), blank = page(3, {}), degraded = page(4, {text(100, {"Poor."})});
  failed.status = PageStatus::kFailed;
  failed.problem = "renderer timed out";
  blank.status = PageStatus::kBlank;
  degraded.status = PageStatus::kDegraded;
  degraded.problem = "the models -- failed";
  CHECK(output({page(1, {text(100, {"Good."})}), failed, blank, degraded}) ==
        "Good.\n\n> [page 2 could not be converted: renderer timed out]\n\n<!-- page 2: failed: "
        "renderer timed out -->\n\n"
        "<!-- page 3: blank -->\n\n> [page 4 is incomplete: the models -- failed]\n\n"
        "<!-- page 4: degraded: the models -  failed -->\n\nPoor.\n");
}

TEST_CASE("blank pages are marked as asked for") {
  PageRecord blank = page(2, {});
  blank.status = PageStatus::kBlank;
  const std::vector<PageRecord> records = {page(1, {text(100, {"One."})}), blank,
                                           page(3, {text(100, {"Three."})})};
  proto::JobOptions options;
  CHECK(output(records, options) == "One.\n\n<!-- page 2: blank -->\n\nThree.\n");
  options.blank_pages = "text";
  CHECK(output(records, options) == "One.\n\n[[Blank page]]\n\nThree.\n");
  options.blank_pages = "none";
  CHECK(output(records, options) == "One.\n\nThree.\n");
}

TEST_CASE("page separators stand between pages, after what goes on over the border") {
  proto::JobOptions options;
  options.page_separator = "----- Page {page} -----";
  CHECK(output({page(1, {text(100, {"One."})}), page(2, {text(100, {"Two."})})}, options) ==
        "One.\n\n----- Page 2 -----\n\nTwo.\n");
}

TEST_CASE("code keeps its lines, and its fence is longer than any inside") {
  Block code = block(BlockType::kCode, {line(72, 100, {span("if x:", kMonospaced)}),
                                        line(72, 112, {span("    ```y```", kMonospaced)})});
  CHECK(output({page(1, {code})}) == "````\nif x:\n    ```y```\n````\n");
}

TEST_CASE("code that goes on over the page is one listing with all its lines") {
  auto listing = [](float y, const std::string& words) {
    return block(BlockType::kCode, {line(72, y, {span(words, kMonospaced)})});
  };
  CHECK(output({page(1, {listing(600, "one();")}), page(2, {listing(100, "two();")})}) ==
        "```\none();\ntwo();\n```\n");
}

TEST_CASE("noise, headers and footers of the page stage are left out") {
  CHECK(output({page(1, {text(30, {"Head"}, BlockType::kHeader), text(100, {"Body."}),
                         text(400, {"DRAFT"}, BlockType::kNoise),
                         text(770, {"7"}, BlockType::kPageNumber)})}) == "Body.\n");
}

TEST_CASE("the asset prefix stands before the names of figures") {
  Block figure = block(BlockType::kFigure, {});
  figure.box = {72, 60, 300, 200};
  figure.asset = "p0001-1.png";
  proto::JobOptions options;
  options.asset_prefix = "paper_assets/";
  CHECK(output({page(1, {figure})}, options) == "![](paper_assets/p0001-1.png)\n");
}

TEST_CASE("an output that is not known is an error before anything is written") {
  proto::JobOptions options;
  options.outputs = {"md", "docx"};
  CHECK(output({page(1, {text(100, {"x"})})}, options) == "error: output \"docx\" is not known");
}
