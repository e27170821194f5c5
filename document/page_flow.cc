#include "document/page_flow.h"

#include <algorithm>

#include "document/utf8.h"

namespace pdf2md::document {
namespace {

constexpr proto::DecodeLimits kLimits{24, size_t{1} << 23, size_t{1} << 26};
constexpr uint32_t kMaxLevel = 64;

bool sound(const Runs& runs, uint32_t notes) {
  return std::all_of(runs.begin(), runs.end(), [notes](const Run& run) {
    return valid_utf8(run.text) && valid_utf8(run.uri) && run.note <= notes;
  });
}

// Cells come row by row and cover no place of the grid twice: writers address it by row and column.
bool sound(const ElementTable& table, uint32_t notes) {
  const uint64_t places = uint64_t{table.rows} * table.columns;
  if (places > kMaxFlowCells || table.header_rows > table.rows) return false;
  std::vector<bool> taken(places);
  const ElementCell* before = nullptr;
  for (const ElementCell& cell : table.cells) {
    if (cell.row_span == 0 || cell.column_span == 0 || cell.row >= table.rows ||
        cell.column >= table.columns || cell.row_span > table.rows - cell.row ||
        cell.column_span > table.columns - cell.column)
      return false;
    if (before != nullptr &&
        (cell.row < before->row || (cell.row == before->row && cell.column <= before->column)))
      return false;
    before = &cell;
    for (uint32_t row = cell.row; row < cell.row + cell.row_span; ++row) {
      for (uint32_t column = cell.column; column < cell.column + cell.column_span; ++column) {
        std::vector<bool>::reference place = taken[size_t{row} * table.columns + column];
        if (place) return false;
        place = true;
      }
    }
    for (const Runs& runs : cell.paragraphs)
      if (!sound(runs, notes)) return false;
  }
  return true;
}

bool sound(const Element& element, uint32_t notes) {
  switch (element.type) {
    case ElementType::kHeading:
    case ElementType::kParagraph:
    case ElementType::kListItem:
    case ElementType::kTable:
    case ElementType::kFigure:
    case ElementType::kCode:
    case ElementType::kFormula:
    case ElementType::kFootnote:
      break;
    default:
      return false;  // page starts and furniture are not the document's to say
  }
  const bool note = element.type == ElementType::kFootnote;
  return element.level <= 6 && element.depth <= kMaxLevel && element.note <= notes &&
         (element.note > 0) == note && element.asset.empty() && valid_utf8(element.marker) &&
         (!element.ordered || !element.marker.empty()) && valid_utf8(element.code) &&
         sound(element.runs, notes) && sound(element.caption, notes) && sound(element.table, notes);
}

BlockType block_type(ElementType type) {
  switch (type) {
    case ElementType::kHeading:
      return BlockType::kHeading;
    case ElementType::kListItem:
      return BlockType::kListItem;
    case ElementType::kTable:
      return BlockType::kTable;
    case ElementType::kFigure:
      return BlockType::kFigure;
    case ElementType::kCode:
      return BlockType::kCode;
    case ElementType::kFormula:
      return BlockType::kFormula;
    case ElementType::kFootnote:
      return BlockType::kFootnote;
    default:
      return BlockType::kText;
  }
}

std::vector<Line> lines_of(const Runs& runs) {
  std::vector<Line> lines(1);
  for (const Run& run : runs) {
    if (run.line_break) {
      lines.emplace_back();
      continue;
    }
    Span span;
    span.text = run.text;
    span.style = run.style;
    lines.back().spans.push_back(std::move(span));
  }
  std::erase_if(lines, [](const Line& line) { return line.spans.empty(); });
  return lines;
}

std::vector<Line> code_lines(const std::string& code) {
  std::vector<Line> lines;
  for (size_t at = 0; at < code.size();) {
    const size_t end = std::min(code.find('\n', at), code.size());
    Span span;
    span.text = code.substr(at, end - at);
    lines.emplace_back().spans.push_back(std::move(span));
    at = end + 1;
  }
  return lines;
}

Table table_of(const ElementTable& from) {
  Table table;
  table.rows = from.rows;
  table.columns = from.columns;
  for (const ElementCell& cell : from.cells) {
    Cell made;
    made.row = cell.row;
    made.column = cell.column;
    made.row_span = cell.row_span;
    made.column_span = cell.column_span;
    made.header = cell.header || cell.row < from.header_rows;
    for (const Runs& runs : cell.paragraphs)
      for (Line& line : lines_of(runs)) made.lines.push_back(std::move(line));
    table.cells.push_back(std::move(made));
  }
  return table;
}

void renumber(Runs& runs, uint32_t before) {
  for (Run& run : runs)
    if (run.note > 0) run.note += before;
}

}  // namespace

std::string pack_flow(const PageFlow& flow) {
  return proto::pack(flow);
}

Result<PageFlow> load_flow(std::string_view bytes) {
  return proto::unpack<PageFlow>(bytes, kLimits);
}

Result<PageFlow> unpack_flow(std::string_view bytes) {
  Result<PageFlow> flow = load_flow(bytes);
  if (!flow) return flow.error();
  auto bad = [](const char* what) {
    return Error{ErrorCode::kBadMessage, std::string("a page of a book is not valid: ") + what, ""};
  };
  if (flow->notes > flow->elements.size()) return bad("more notes than elements");
  for (const Element& element : flow->elements)
    if (!sound(element, flow->notes)) return bad("an element");
  for (const FlowPicture& picture : flow->pictures) {
    if (picture.element >= flow->elements.size() ||
        flow->elements[picture.element].type != ElementType::kFigure)
      return bad("a picture without a figure");
  }
  return flow;
}

std::vector<Block> blocks_of(const PageFlow& flow) {
  std::vector<Block> blocks;
  for (const Element& element : flow.elements) {
    Block block;
    block.type = block_type(element.type);
    block.level = element.type == ElementType::kListItem ? element.depth : element.level;
    block.marker = element.marker;
    block.lines =
        element.type == ElementType::kCode ? code_lines(element.code) : lines_of(element.runs);
    if (element.type == ElementType::kTable) block.table = table_of(element.table);
    block.asset = element.asset;
    blocks.push_back(std::move(block));
    if (element.caption.empty()) continue;
    Block caption;
    caption.type = BlockType::kCaption;
    caption.lines = lines_of(element.caption);
    blocks.push_back(std::move(caption));
  }
  return blocks;
}

void number_notes(PageFlow& flow, uint32_t before) {
  for (Element& element : flow.elements) {
    if (element.note > 0) element.note += before;
    renumber(element.runs, before);
    renumber(element.caption, before);
    for (ElementCell& cell : element.table.cells)
      for (Runs& runs : cell.paragraphs) renumber(runs, before);
  }
}

}  // namespace pdf2md::document
