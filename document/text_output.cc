#include "document/text_output.h"

#include <algorithm>

#include "document/characters.h"
#include "document/page_mark.h"

namespace pdf2md::document {
namespace {

constexpr size_t kWidestTable = 120;  // columns of characters
constexpr size_t kIndent = 2;         // of a list level

std::string text_of(const Runs& runs) {
  std::string out;
  for (const Run& run : runs) {
    if (run.line_break)
      out += '\n';
    else if (run.note != 0)
      out += "[" + std::to_string(run.note) + "]";
    else
      out += run.text;
  }
  return std::string(trimmed(out));
}

std::string cell_text(const ElementCell& cell) {
  std::string out;
  for (const Runs& runs : cell.paragraphs) out += (out.empty() ? "" : " ") + text_of(runs);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

// As a terminal shows it: characters of Han and its like are two columns wide.
size_t width_of(const std::string& text) {
  size_t width = 0;
  for (char32_t c : code_points(text)) width += is_combining(c) ? 0 : is_cjk(c) ? 2 : 1;
  return width;
}

std::string indented(const std::string& text, size_t width) {
  const std::string indent(width, ' ');
  std::string out = indent;
  for (char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

}  // namespace

std::string table_text(const ElementTable& table) {
  const size_t columns = table.columns;
  std::vector<std::string> grid(table.rows * columns);
  std::vector<size_t> widths(columns);
  for (const ElementCell& cell : table.cells) {
    std::string& text = grid[cell.row * columns + cell.column];
    text = cell_text(cell);
    if (cell.column_span == 1) widths[cell.column] = std::max(widths[cell.column], width_of(text));
  }
  size_t all = 0;
  for (size_t width : widths) all += width + 2;
  const bool wide = all > kWidestTable;
  std::string out;
  for (size_t row = 0; row < table.rows; ++row) {
    std::string line;
    size_t wanted = 0;  // where the next cell begins
    for (size_t column = 0; column < columns; ++column) {
      if (column > 0 && wide) line += '\t';
      if (!wide && column > 0) {
        const size_t have = width_of(line);
        // What spans columns may reach into the next: then one space parts them.
        if (!grid[row * columns + column].empty())
          line.append(have < wanted ? wanted - have : 1, ' ');
      }
      line += grid[row * columns + column];
      wanted += widths[column] + 2;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

Status TextWriter::block(const std::string& text, bool tight) {
  const size_t end = text.find_last_not_of('\n');
  if (end == text.npos) return Ok{};
  const std::string start = any_ && !tight ? "\n" : "";
  any_ = true;
  return sink_(start + text.substr(0, end + 1) + "\n");
}

Status TextWriter::add(const Element& element) {
  const bool tight = element.type == ElementType::kListItem && after_item_;
  if (element.type != ElementType::kPageStart) after_item_ = element.type == ElementType::kListItem;
  switch (element.type) {
    case ElementType::kPageStart: {
      const PageStart& start = element.page_start;
      Status written =
          any_page_ ? block(page_mark(options_.page_separator, start.page)) : Status(Ok{});
      any_page_ = true;
      const std::string problem = problem_of(start);
      if (written && !problem.empty()) written = block("[" + problem + "]");
      if (written && start.status == PageStatus::kBlank && options_.blank_pages == "text")
        written = block("[[Blank page]]");
      return written;
    }
    case ElementType::kListItem: {
      const std::string marker = element.marker.empty() ? "-" : element.marker;
      return block(indented(marker + " " + text_of(element.runs), kIndent * element.depth), tight);
    }
    case ElementType::kCode:
      return block(indented(element.code, kIndent * element.depth));
    case ElementType::kTable: {
      Status written = block(text_of(element.caption));
      return written ? block(table_text(element.table)) : written;
    }
    case ElementType::kFigure:
      return block(text_of(element.caption.empty() ? element.runs : element.caption));
    case ElementType::kFootnote:
      return block("[" + std::to_string(element.note) + "] " + text_of(element.runs));
    case ElementType::kParagraph:
      return block(indented(text_of(element.runs), kIndent * element.depth));
    case ElementType::kHeading:
    case ElementType::kFormula:
    case ElementType::kFurniture:
      return block(text_of(element.runs));
  }
  return Ok{};
}

}  // namespace pdf2md::document
