#include <algorithm>
#include <cstdlib>
#include <map>

#include "daemon/reader/flow_builder.h"
#include "daemon/reader/xml_tree.h"

namespace pdf2md::reader {
namespace {

constexpr uint32_t kMostColumns = 1000;
constexpr uint32_t kMostRowSpan = 65534;  // as HTML has it

uint32_t span_of(const xmlNode* cell, const char* name, uint32_t most) {
  const std::string value = attribute(cell, name);
  const int number = value.empty() ? 1 : std::atoi(value.c_str());
  return number < 1 ? 1 : std::min(static_cast<uint32_t>(number), most);
}

// Rows of this table, not of those in its cells; `heads`: how many of them stand in <thead>.
void collect_rows(const xmlNode* node, std::vector<const xmlNode*>& rows, uint32_t& heads) {
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    const std::string_view name = name_of(child);
    if (name == "tr") rows.push_back(child);
    if (name == "tbody" || name == "tfoot" || name == "thead") {
      uint32_t ignored = 0;
      collect_rows(child, rows, ignored);
      if (name == "thead" && heads == 0) heads = static_cast<uint32_t>(rows.size());
    }
  }
}

}  // namespace

document::ElementTable table_of(const xmlNode* node, FlowBuilder& builder) {
  std::vector<const xmlNode*> rows;
  document::ElementTable table;
  uint32_t heads = 0;
  collect_rows(node, rows, heads);
  if (rows.size() > document::kMaxFlowCells) rows.resize(document::kMaxFlowCells);
  const uint32_t count = static_cast<uint32_t>(rows.size());
  std::vector<uint32_t> taken_until;  // of each column: the first row that is free
  bool all_heads = true;
  for (uint32_t row = 0; row < count; ++row) {
    uint32_t column = 0;
    bool only_heads = true;
    for (const xmlNode* cell = rows[row]->children; cell != nullptr; cell = cell->next) {
      const bool header = name_of(cell) == "th";
      if (!header && name_of(cell) != "td") continue;
      auto taken = [&](uint32_t at) { return at < taken_until.size() && taken_until[at] > row; };
      while (taken(column)) ++column;
      document::ElementCell made;
      made.row = row;
      made.column = column;
      made.header = header;
      made.row_span = std::min(span_of(cell, "rowspan", kMostRowSpan), count - row);
      const uint32_t wanted = span_of(cell, "colspan", kMostColumns);
      if (column + wanted > kMostColumns) break;
      made.column_span = 1;
      while (made.column_span < wanted && !taken(column + made.column_span)) ++made.column_span;
      column += made.column_span;
      if (uint64_t{std::max<size_t>(column, taken_until.size())} * count > document::kMaxFlowCells)
        break;
      if (taken_until.size() < column) taken_until.resize(column, 0);
      std::fill(taken_until.begin() + made.column, taken_until.begin() + column,
                row + made.row_span);
      made.paragraphs = builder.paragraphs_of(cell);
      only_heads = only_heads && header;
      table.cells.push_back(std::move(made));
    }
    all_heads = all_heads && only_heads && column > 0;
    if (all_heads) table.header_rows = row + 1;
  }
  table.header_rows = std::max(table.header_rows, heads);
  table.columns = static_cast<uint32_t>(taken_until.size());
  table.rows = table.columns == 0 ? 0 : count;
  if (table.rows == 0) table.header_rows = 0;
  return table;
}

}  // namespace pdf2md::reader
