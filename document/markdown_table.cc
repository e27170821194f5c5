#include <algorithm>

#include "document/characters.h"
#include "document/markdown.h"
#include "document/markdown_inline.h"

namespace pdf2md::document {
namespace {

bool has_spans(const ElementTable& table) {
  return std::any_of(table.cells.begin(), table.cells.end(), [](const ElementCell& cell) {
    return cell.row_span > 1 || cell.column_span > 1;
  });
}

std::string cell_markdown(const ElementCell& cell) {
  std::string text;
  for (const Runs& runs : cell.paragraphs) {
    const std::string part = inline_markdown(runs, InlinePlace::kCell);
    if (part.empty()) continue;
    if (!text.empty()) text += "<br>";
    text += part;
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string pipes(const ElementTable& table) {
  std::vector<std::string> grid(static_cast<size_t>(table.rows) * table.columns);
  for (const ElementCell& cell : table.cells)
    grid[static_cast<size_t>(cell.row) * table.columns + cell.column] = cell_markdown(cell);
  std::string out;
  for (uint32_t row = 0; row < table.rows; ++row) {
    out += '|';
    for (uint32_t column = 0; column < table.columns; ++column)
      out += " " + grid[static_cast<size_t>(row) * table.columns + column] + " |";
    out += '\n';
    if (row != 0) continue;
    out += '|';
    for (uint32_t column = 0; column < table.columns; ++column) out += " --- |";
    out += '\n';
  }
  return out;
}

std::string as_html(const ElementTable& table) {
  std::string out = "<table>\n";
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
        out += (i > 0 ? "<br>" : "") + inline_html(cell.paragraphs[i]);
      out += std::string("</") + tag + ">";
    }
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string table_markdown(const ElementTable& table, bool html) {
  return html || has_spans(table) ? as_html(table) : pipes(table);
}

}  // namespace pdf2md::document
