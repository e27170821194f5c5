#include "document/assemble_page.h"

#include <algorithm>
#include <cmath>

#include "document/characters.h"
#include "document/inline_text.h"
#include "document/markers.h"

namespace pdf2md::document {
namespace {

constexpr size_t kMostBlocks = 2000;  // of a page, where each is compared with all

// A marker in decimals that Markdown can say: "3." and "3)".
bool decimal_marker(const std::string& marker, uint32_t& number) {
  if (marker.size() < 2 || marker.size() > 10) return false;
  if (marker.back() != '.' && marker.back() != ')') return false;
  uint64_t value = 0;
  for (size_t i = 0; i + 1 < marker.size(); ++i) {
    if (marker[i] < '0' || marker[i] > '9') return false;
    value = value * 10 + static_cast<uint64_t>(marker[i] - '0');
  }
  number = static_cast<uint32_t>(value);
  return value <= 999'999'999;
}

class PageBuilder {
 public:
  PageBuilder(const PageRecord& record, const Statistics& statistics, const PageNotes& notes)
      : record_(record), statistics_(statistics), notes_(notes) {
    context_.join = statistics.join_evidence();
    context_.links = &record.links;
    context_.plain_styles = statistics.body_style;
    context_.note_of = [&notes](std::string_view mark) { return notes.number(mark); };
  }

  std::vector<PagePiece> run(bool keep_headers) {
    match_captions();
    for (size_t i = 0; i < record_.blocks.size(); ++i) {
      const Block& block = record_.blocks[i];
      switch (block.type) {
        case BlockType::kNoise:
          break;
        case BlockType::kHeader:
        case BlockType::kFooter:
        case BlockType::kPageNumber:
          if (keep_headers) text(i, ElementType::kFurniture);
          break;
        case BlockType::kHeading:
          heading(i);
          break;
        case BlockType::kListItem:
          list_item(i);
          break;
        case BlockType::kTable:
          table(i);
          break;
        case BlockType::kFigure:
          figure(i);
          break;
        case BlockType::kCaption:
          if (target_[i] < 0) caption_alone(i);
          break;
        case BlockType::kCode:
          code(i);
          break;
        case BlockType::kFormula:
          formula(i);
          break;
        case BlockType::kFootnote:
          footnote(i);
          break;
        case BlockType::kText:
        case BlockType::kReference:
          text(i, ElementType::kParagraph);
          break;
      }
    }
    return std::move(pieces_);
  }

 private:
  Place place(size_t index) const {
    const Block& block = record_.blocks[index];
    return {record_.page,    static_cast<uint32_t>(index), block.type, block.box, block.source,
            block.confidence};
  }

  PagePiece piece(size_t index, ElementType type) const {
    const Block& block = record_.blocks[index];
    PagePiece made;
    Element& element = made.element;
    element.type = type;
    element.source = block.source;
    element.places.push_back(place(index));
    made.page = record_.page;
    made.box = block.box;
    made.left = block.box.x0;
    made.right = block.box.x1;
    if (!block.lines.empty()) {
      const Line& first = block.lines.front();
      const Line& last = block.lines.back();
      made.first_x0 = first.box.x0;
      made.first_x1 = first.box.x1;
      made.last_x0 = last.box.x0;
      made.last_x1 = last.box.x1;
      made.size_pt = style_of(block).size_pt;
      made.lines = static_cast<uint32_t>(block.lines.size());
    }
    // The column is as wide as the text around: a lone line does not know its margins. (A page of
    // thousands of blocks is no page of prose.)
    if (record_.blocks.size() > kMostBlocks) return made;
    for (const Block& other : record_.blocks) {
      if (other.type != BlockType::kText && other.type != BlockType::kListItem) continue;
      if (overlap(other.box.x0, other.box.x1, block.box.x0, block.box.x1) <
          0.5f * block.box.width())
        continue;
      if (other.lines.size() < 2) continue;
      made.left = std::min(made.left, other.box.x0);
      made.right = std::max(made.right, other.box.x1);
    }
    return made;
  }

  Runs runs(const Block& block) const { return runs_of(block.lines, context_); }

  void add(PagePiece made) { pieces_.push_back(std::move(made)); }

  void text(size_t index, ElementType type) {
    PagePiece made = piece(index, type);
    made.element.runs = runs(record_.blocks[index]);
    if (made.element.runs.empty()) return;
    if (type == ElementType::kParagraph) made.element.depth = list_depth_of(record_.blocks[index]);
    add(std::move(made));
  }

  void heading(size_t index) {
    PagePiece made = piece(index, ElementType::kHeading);
    made.element.runs = runs(record_.blocks[index]);
    clear_style(made.element.runs, common_style(made.element.runs) | kBold);
    if (made.element.runs.empty()) return;
    made.element.level = record_.blocks[index].level;
    items_.clear();
    add(std::move(made));
  }

  void list_item(size_t index) {
    const Block& block = record_.blocks[index];
    PagePiece made = piece(index, ElementType::kListItem);
    Element& element = made.element;
    element.runs = runs(block);
    element.marker = block.marker;
    element.depth = block.level;
    element.ordered = decimal_marker(block.marker, element.number);
    // An item's text: where its second line begins, or a little right of the marker.
    const float size = made.size_pt > 0 ? made.size_pt : statistics_.body_size_pt;
    float text_x = block.box.x0 + size;
    if (block.lines.size() > 1) text_x = std::max(block.lines[1].box.x0, block.box.x0);
    if (items_.size() > block.level) items_.resize(block.level);
    items_.push_back({block.box.x0, text_x, block.box.y1, size});
    add(std::move(made));
  }

  // How many list levels a paragraph below a list item lies in: it stands in as their text does.
  uint32_t list_depth_of(const Block& block) {
    while (!items_.empty()) {
      const Item& item = items_.back();
      const bool inside = block.box.x0 > item.marker_x + 0.6f * item.size &&
                          std::abs(block.box.x0 - item.text_x) < 0.8f * item.size &&
                          block.box.y0 > item.bottom - item.size;
      if (inside) return static_cast<uint32_t>(items_.size());
      items_.pop_back();
    }
    return 0;
  }

  void code(size_t index) {
    PagePiece made = piece(index, ElementType::kCode);
    for (const Line& line : record_.blocks[index].lines) {
      std::string text = line.text();
      while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
      made.element.code += text + "\n";
    }
    while (made.element.code.ends_with("\n")) made.element.code.pop_back();
    if (made.element.code.empty()) return;
    made.element.depth = list_depth_of(record_.blocks[index]);
    add(std::move(made));
  }

  void formula(size_t index) {
    PagePiece made = piece(index, ElementType::kFormula);
    made.element.runs = runs(record_.blocks[index]);
    clear_style(made.element.runs, kBold | kItalic | kMonospaced);
    made.element.asset = record_.blocks[index].asset;
    if (made.element.runs.empty() && made.element.asset.empty()) return;
    add(std::move(made));
  }

  void figure(size_t index) {
    PagePiece made = piece(index, ElementType::kFigure);
    made.element.asset = record_.blocks[index].asset;
    set_caption(made.element, index);
    if (made.element.asset.empty() && made.element.caption.empty()) return;
    add(std::move(made));
  }

  void footnote(size_t index) {
    const Block& block = record_.blocks[index];
    const NoteMark mark = note_mark(block);
    PagePiece made = piece(index, ElementType::kFootnote);
    made.element.note = notes_.number_of_block(index);
    made.goes_on = mark.mark.empty();
    made.element.runs = runs(block);
    if (made.element.note != 0) {
      // Its own mark looks like a reference to it.
      InlineContext without = context_;
      without.note_of = nullptr;
      made.element.runs = runs_of(block.lines, without);
      drop_prefix(made.element.runs, mark.bytes);
      trim_runs(made.element.runs);
    } else if (!made.goes_on) {
      made.element.type = ElementType::kParagraph;  // nothing refers to it: it stays where it stood
    }
    if (made.element.runs.empty()) return;
    add(std::move(made));
  }

  void caption_alone(size_t index) {
    PagePiece made = piece(index, ElementType::kParagraph);
    made.element.runs = runs(record_.blocks[index]);
    for (Run& run : made.element.runs)
      if (run.note == 0) run.style |= kItalic;
    if (!made.element.runs.empty()) add(std::move(made));
  }

  // --- captions
  // A caption belongs to the nearest figure or table beside it in reading order; its label says which kind.
  void match_captions() {
    const std::vector<Block>& blocks = record_.blocks;
    target_.assign(blocks.size(), -1);
    caption_.assign(blocks.size(), -1);
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].type != BlockType::kCaption) continue;
      const std::string label = text_of(blocks[i]);
      const bool labelled = is_caption(label), of_table = is_table_caption(label);
      int best = -1;
      float best_distance = 0;
      for (const int step : {1, -1}) {
        for (size_t reach = 1; reach <= 3; ++reach) {
          const size_t j =
              i + static_cast<size_t>(step * static_cast<int>(reach));  // wraps below 0
          if (j >= blocks.size()) break;
          const bool table = blocks[j].type == BlockType::kTable,
                     figure = blocks[j].type == BlockType::kFigure;
          if (!table && !figure) {
            if (blocks[j].type == BlockType::kCaption || blocks[j].type == BlockType::kNoise)
              continue;
            break;
          }
          if (caption_[j] >= 0 || (labelled && table != of_table)) continue;
          const float distance = std::max(
              {0.0f, blocks[j].box.y0 - blocks[i].box.y1, blocks[i].box.y0 - blocks[j].box.y1});
          if (best < 0 || distance < best_distance) {
            best = static_cast<int>(j);
            best_distance = distance;
          }
        }
      }
      if (best < 0 || best_distance > 0.25f * std::max(record_.height_pt, 1.0f)) continue;
      target_[i] = best;
      caption_[static_cast<size_t>(best)] = static_cast<int>(i);
    }
  }

  void set_caption(Element& element, size_t index) const {
    const int of = caption_[index];
    if (of < 0) return;
    element.caption = runs(record_.blocks[static_cast<size_t>(of)]);
    clear_style(element.caption, common_style(element.caption) & (kBold | kItalic));
    element.places.push_back(place(static_cast<size_t>(of)));
  }

  // --- tables
  void table(size_t index) {
    const Block& block = record_.blocks[index];
    if (!block.table || block.table->rows == 0 || block.table->columns == 0) return;
    PagePiece made = piece(index, ElementType::kTable);
    ElementTable& table = made.element.table;
    table.rows = block.table->rows;
    table.columns = block.table->columns;
    bool any_text = false;
    std::vector<uint32_t> cells(table.rows), headers(table.rows);
    for (const Cell& from : block.table->cells) {
      if (from.row >= table.rows || from.column >= table.columns) continue;
      ElementCell cell;
      cell.row = from.row;
      cell.column = from.column;
      cell.row_span = std::clamp(from.row_span, 1u, table.rows - from.row);
      cell.column_span = std::clamp(from.column_span, 1u, table.columns - from.column);
      cell.header = from.header;
      cell.paragraphs = cell_paragraphs(from);
      any_text = any_text || !cell.paragraphs.empty();
      ++cells[cell.row];
      if (cell.header) ++headers[cell.row];
      table.cells.push_back(std::move(cell));
    }
    if (!any_text) return;
    std::stable_sort(table.cells.begin(), table.cells.end(),
                     [](const ElementCell& a, const ElementCell& b) {
                       return a.row != b.row ? a.row < b.row : a.column < b.column;
                     });
    while (table.header_rows < table.rows && cells[table.header_rows] > 0 &&
           headers[table.header_rows] == cells[table.header_rows])
      ++table.header_rows;
    if (table.header_rows == table.rows) table.header_rows = 1;
    set_caption(made.element, index);
    add(std::move(made));
  }

  // Lines that run on are one paragraph. A new one begins after a gap, or with a list marker.
  std::vector<Runs> cell_paragraphs(const Cell& cell) const {
    std::vector<Runs> paragraphs;
    std::vector<Line> open;
    auto close = [&] {
      Runs made = runs_of(open, context_);
      // All bold in a header cell says nothing: it is a header.
      if (cell.header) clear_style(made, common_style(made) & (kBold | kItalic));
      if (!made.empty()) paragraphs.push_back(std::move(made));
      open.clear();
    };
    for (const Line& line : cell.lines) {
      if (!open.empty()) {
        const Line& before = open.back();
        const float pitch = before.box.height();
        const bool gap = line.rotation == 0 && line.box.y0 - before.box.y1 > 0.9f * pitch;
        const Marker marker = list_marker(line.text());
        const bool item =
            marker.kind == MarkerKind::kBullet || marker.kind == MarkerKind::kCheckbox;
        if (gap || item) close();
      }
      open.push_back(line);
    }
    close();
    return paragraphs;
  }

  struct Item {
    float marker_x = 0, text_x = 0, bottom = 0, size = 0;
  };
  const PageRecord& record_;
  const Statistics& statistics_;
  const PageNotes& notes_;
  InlineContext context_;
  std::vector<int> caption_;  // of figures and tables: their caption's block; −1: none
  std::vector<int> target_;   // of captions: the block that they belong to; −1: none
  std::vector<Item> items_;   // open list items, outermost first
  std::vector<PagePiece> pieces_;
};

}  // namespace

std::vector<PagePiece> pieces_of_page(const PageRecord& record, const Statistics& statistics,
                                      const PageNotes& notes, bool keep_headers) {
  return PageBuilder(record, statistics, notes).run(keep_headers);
}

}  // namespace pdf2md::document
