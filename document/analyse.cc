#include <algorithm>

#include "document/sheet.h"
#include "document/usual_size.h"

namespace pdf2md::document {
namespace {

// The weight of a scanned line tells headings; within text it would be read into noise.
void forget_weight(std::vector<Line>& lines) {
  for (Line& line : lines)
    if (line.source == Source::kOcr)
      for (Span& span : line.spans) span.style &= static_cast<uint16_t>(~kBold);
}

// What could not be told as LaTeX is shown as it stands.
bool is_uncertain_formula(const Block& block) {
  if (block.type != BlockType::kFormula) return false;
  for (const Line& line : block.lines)
    for (const Span& span : line.spans)
      if (span.style & kMath) return false;
  return true;
}

// Names in reading order, boxes back to page space.
void finish_blocks(const Sheet& sheet, uint32_t page, std::vector<Block>& blocks) {
  uint32_t figures = 0;
  for (Block& block : blocks) {
    block.box = sheet.to_page(block.box);
    if (block.type != BlockType::kHeading) forget_weight(block.lines);
    if (block.table)
      for (Cell& cell : block.table->cells) {
        cell.box = sheet.to_page(cell.box);
        forget_weight(cell.lines);
      }
    if (block.type != BlockType::kFigure && !is_uncertain_formula(block)) continue;
    block.asset = asset_name(page, ++figures);
  }
}

std::vector<Block> analysed(const PageInput& input) {
  Sheet sheet = make_sheet(input);
  part_typed_tables(sheet);
  mark_furniture(sheet);
  find_ruled_tables(sheet);
  find_figures(sheet);
  find_scanned_formulas(sheet);
  std::vector<Block> blocks = in_reading_order(sheet);
  finish_blocks(sheet, input.page, blocks);
  return blocks;
}

}  // namespace

PageInput input_from(const PageContent& content) {
  PageInput input;
  input.page = content.page;
  input.label = content.label;
  input.width_pt = content.width_pt;
  input.height_pt = content.height_pt;
  input.rules = content.rules;
  input.fills = content.fills;
  input.images = content.images;
  input.links = content.links;
  input.widgets = content.widgets;
  input.tags = content.tags;
  return input;
}

PageRecord analyse_page(const PageInput& input) {
  PageRecord record;
  record.page = input.page;
  record.label = input.label;
  record.width_pt = input.width_pt;
  record.height_pt = input.height_pt;
  record.links = input.links;
  const float k = scale_to_usual_size(input);
  record.blocks = analysed(k == 1 ? input : scaled(input, k));
  if (k != 1)
    for (Block& block : record.blocks) scale(block, 1 / k);
  if (record.blocks.empty()) record.status = PageStatus::kBlank;
  return record;
}

bool layout_is_doubtful(const PageInput& input) {
  if (input.lines.empty()) return false;
  const Box page{0, 0, input.width_pt, input.height_pt};
  // Lines beside each other all over the page: columns, a table without rules, or a form.
  size_t beside = 0, ocr = 0, oblique = 0;
  std::vector<const Line*> lines;
  for (const Line& line : input.lines) lines.push_back(&line);
  std::sort(lines.begin(), lines.end(),
            [](const Line* a, const Line* b) { return a->box.y0 < b->box.y0; });
  for (size_t i = 0; i < lines.size(); ++i) {
    ocr += lines[i]->source == Source::kOcr;
    oblique += lines[i]->rotation % 90 != 0;
    for (size_t k = i + 1; k < lines.size() && k < i + 8; ++k) {
      const Box& a = lines[i]->box;
      const Box& b = lines[k]->box;
      if (overlap(a.y0, a.y1, b.y0, b.y1) > 0.5f * std::min(a.height(), b.height())) {
        ++beside;
        break;
      }
    }
  }
  float pictures = 0;
  for (const PlacedImage& image : input.images) pictures += intersection(image.box, page).area();
  const bool drawn = input.fills.size() + input.rules.size() > 60;
  return ocr * 2 > lines.size() || beside * 2 > lines.size() || pictures > 0.25f * page.area() ||
         (drawn && beside * 4 > lines.size()) || oblique > 3;
}

}  // namespace pdf2md::document
