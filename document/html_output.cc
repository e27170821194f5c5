#include "document/html_output.h"

#include <algorithm>

#include "document/characters.h"
#include "document/data_uri.h"
#include "document/html_inline.h"
#include "document/inline_text.h"
#include "document/markdown_inline.h"
#include "document/page_mark.h"

namespace pdf2md::document {
namespace {

// Nothing of a document is ever run: the policy holds even where escaping should not.
constexpr const char* kHead = R"(<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
)";
constexpr const char* kStyle = R"(<style>
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; font-family: sans-serif; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #bbb; padding: .2rem .5rem; text-align: start; vertical-align: top; }
th { background: #f2f2f2; }
caption, figcaption { font-style: italic; text-align: start; }
figure { margin: 1rem 0; }
img { max-width: 100%; }
pre { overflow-x: auto; padding: .5rem; background: #f6f6f6; }
.problem { padding: .3rem .6rem; border: 1px solid #c00; color: #900; }
.page, .furniture { color: #767676; }
.footnote { font-size: .9em; }
ul.marked { list-style: none; }
</style>
)";

bool has_latex(const Runs& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.style & kMath; });
}

bool is_bullet(const std::string& marker) {
  return code_points(marker).size() <= 1 && (marker.empty() || !is_letter(code_points(marker)[0]));
}

}  // namespace

std::string table_html(const ElementTable& table) {
  std::string out;
  size_t at = 0;
  for (uint32_t row = 0; row < table.rows; ++row) {
    out += "<tr>";
    for (; at < table.cells.size() && table.cells[at].row == row; ++at) {
      const ElementCell& cell = table.cells[at];
      const char* tag = cell.header || row < table.header_rows ? "th" : "td";
      out += std::string("<") + tag;
      if (cell.row_span > 1) out += " rowspan=\"" + std::to_string(cell.row_span) + "\"";
      if (cell.column_span > 1) out += " colspan=\"" + std::to_string(cell.column_span) + "\"";
      out += ">";
      for (size_t i = 0; i < cell.paragraphs.size(); ++i)
        out += (i > 0 ? "<br>" : "") + html_text(cell.paragraphs[i]);
      out += std::string("</") + tag + ">";
    }
    out += "</tr>\n";
  }
  return out;
}

Status HtmlWriter::begin(const std::string& title, const std::string& language) {
  std::string out = "<!DOCTYPE html>\n<html";
  if (!language.empty()) out += " lang=\"" + html_escaped(language) + "\"";
  return sink_(out + ">\n<head>\n" + kHead + "<title>" + html_escaped(title) + "</title>\n" +
               kStyle + "</head>\n<body>\n");
}

std::string HtmlWriter::close_lists(uint32_t depth) {
  std::string out;
  while (lists_.size() > depth) {
    out += lists_.back().ordered ? "</li></ol>\n" : "</li></ul>\n";
    lists_.pop_back();
  }
  return out;
}

Status HtmlWriter::page_start(const PageStart& start) {
  const std::string separator = any_page_ ? page_mark(options_.page_separator, start.page) : "";
  any_page_ = true;
  std::string out;
  if (!separator.empty())
    out += close_lists(0) + "<p class=\"page\">" + html_escaped(separator) + "</p>\n";
  out += "<a id=\"page-" + std::to_string(start.page) + "\"></a>\n";
  const std::string problem = problem_of(start);
  if (!problem.empty())
    out += close_lists(0) + "<p class=\"problem\">" + html_escaped(problem) + "</p>\n";
  if (start.status == PageStatus::kBlank && options_.blank_pages == "text")
    out += close_lists(0) + "<p class=\"page\">[[Blank page]]</p>\n";
  return sink_(out);
}

Status HtmlWriter::list_item(const Element& element) {
  const uint32_t depth = std::min<uint32_t>(element.depth, static_cast<uint32_t>(lists_.size()));
  Level level;
  level.ordered = element.ordered;
  level.number = element.number;
  if (element.ordered) level.kind = element.marker.back();
  const bool marked = !element.ordered && !is_bullet(element.marker);
  if (marked) level.kind = 'm';
  std::string out = close_lists(depth + 1);
  const bool goes_on = depth < lists_.size() && lists_[depth].kind == level.kind &&
                       (!level.ordered || level.number > lists_[depth].number);
  if (goes_on) {
    out += "</li>\n";
    lists_[depth] = level;
  } else {
    out += close_lists(depth);
    out += level.ordered ? "<ol>\n" : marked ? "<ul class=\"marked\">\n" : "<ul>\n";
    lists_.push_back(level);
  }
  out += "<li dir=\"auto\"";
  if (level.ordered) out += " value=\"" + std::to_string(level.number) + "\"";
  out += ">";
  if (marked) out += html_escaped(element.marker) + " ";
  return sink_(out + html_text(element.runs));
}

Status HtmlWriter::figure(const Element& element) {
  const Runs& text = element.caption.empty() ? element.runs : element.caption;
  if (element.type == ElementType::kFormula && has_latex(element.runs))
    return block("<p class=\"math\">\\[" + html_escaped(plain_text(element.runs)) + "\\]</p>");
  if (element.asset.empty())
    return block(element.type == ElementType::kFormula
                     ? "<p>" + html_text(text) + "</p>"
                     : "<figure><figcaption>" + html_text(text) + "</figcaption></figure>");
  std::string target = options_.asset_prefix + element.asset;
  if (options_.inline_images) {
    Result<std::string> png = options_.inline_images(element.asset);
    if (!png) return png.error();
    target = png_data_uri(*png);
  }
  std::string out = "<figure><img src=\"" + html_escaped(target) + "\" alt=\"" +
                    html_escaped(plain_text(text)) + "\">";
  if (!text.empty()) out += "<figcaption>" + html_text(text) + "</figcaption>";
  return block(out + "</figure>");
}

Status HtmlWriter::add(const Element& element) {
  switch (element.type) {
    case ElementType::kPageStart:
      return page_start(element.page_start);
    case ElementType::kListItem:
      return list_item(element);
    case ElementType::kParagraph:
    case ElementType::kCode: {
      std::string out = close_lists(element.depth);
      out += element.type == ElementType::kCode
                 ? "<pre><code>" + html_escaped(element.code) + "</code></pre>"
                 : "<p dir=\"auto\">" + html_text(element.runs) + "</p>";
      return block(out);
    }
    default:
      break;
  }
  Status closed = lists_.empty() ? Status(Ok{}) : sink_(close_lists(0));
  if (!closed) return closed;
  switch (element.type) {
    case ElementType::kHeading: {
      const std::string tag = "h" + std::to_string(std::clamp(element.level, 1u, 6u));
      return block("<" + tag + " dir=\"auto\">" + html_text(element.runs) + "</" + tag + ">");
    }
    case ElementType::kTable: {
      std::string out = "<table dir=\"auto\">\n";
      if (!element.caption.empty())
        out += "<caption>" + html_text(element.caption) + "</caption>\n";
      return block(out + table_html(element.table) + "</table>");
    }
    case ElementType::kFootnote: {
      const std::string number = std::to_string(element.note);
      return block("<p class=\"footnote\" id=\"note-" + number + "\"><sup>" + number + "</sup> " +
                   html_text(element.runs) + "</p>");
    }
    case ElementType::kFurniture:
      return block("<p class=\"furniture\">" + html_text(element.runs) + "</p>");
    default:
      return figure(element);
  }
}

Status HtmlWriter::finish() {
  return sink_(close_lists(0) + "</body>\n</html>\n");
}

}  // namespace pdf2md::document
