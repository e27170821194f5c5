// Page records made by hand, for tests of assembly and of the writers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "document/outputs.h"
#include "document/page_record.h"

namespace pdf2md::document::test {

inline Span span(std::string text, uint16_t style = 0, float size = 10, int link = -1) {
  Span made;
  made.text = std::move(text);
  made.style = style;
  made.size_pt = size;
  made.link = link;
  return made;
}

// Text from `x` on, as wide as half its size a character, or up to `x1`.
inline Line line(float x, float y, std::vector<Span> spans, float x1 = 0) {
  Line made;
  made.baseline_y = y;
  float at = x, height = 1;
  for (Span& s : spans) {
    const float width = static_cast<float>(s.text.size()) * s.size_pt / 2;
    s.box = {at, y - s.size_pt, at + width, y};
    at += width;
    height = std::max(height, s.size_pt);
  }
  made.box = {x, y - height, x1 > 0 ? x1 : at, y};
  made.spans = std::move(spans);
  return made;
}

inline Block block(BlockType type, std::vector<Line> lines) {
  Block made;
  made.type = type;
  for (const Line& l : lines) made.box = united(made.box, l.box);
  made.lines = std::move(lines);
  return made;
}

// A block of plain lines that fill the column from 72 to 400 pt but for the last.
inline Block text(float y, const std::vector<std::string>& lines, BlockType type = BlockType::kText,
                  float size = 10, uint16_t style = 0, bool last_full = false) {
  std::vector<Line> made;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool full = i + 1 < lines.size() || last_full;
    made.push_back(line(72, y + static_cast<float>(i) * size * 1.2f, {span(lines[i], style, size)},
                        full ? 400 : 0));
  }
  return block(type, std::move(made));
}

inline Block heading(float y, const std::string& title, float size = 14, uint16_t style = kBold) {
  return text(y, {title}, BlockType::kHeading, size, style);
}

inline Block item(float y, const std::string& marker, const std::string& words, uint32_t level = 0,
                  float x = 72) {
  Block made = block(BlockType::kListItem, {line(x + 15, y, {span(words)})});
  made.box.x0 = x;
  made.marker = marker;
  made.level = level;
  return made;
}

inline Block table(float y, const std::vector<std::vector<std::string>>& rows, bool header = true) {
  Block made;
  made.type = BlockType::kTable;
  made.box = {72, y, 400, y + 12 * static_cast<float>(rows.size())};
  Table& t = made.table.emplace();
  t.rows = static_cast<uint32_t>(rows.size());
  t.columns = static_cast<uint32_t>(rows[0].size());
  for (uint32_t r = 0; r < t.rows; ++r) {
    for (uint32_t c = 0; c < t.columns; ++c) {
      Cell cell;
      cell.row = r;
      cell.column = c;
      cell.header = header && r == 0;
      if (!rows[r][c].empty())
        cell.lines.push_back(line(72 + 50 * static_cast<float>(c),
                                  y + 12 * static_cast<float>(r + 1), {span(rows[r][c])}));
      t.cells.push_back(std::move(cell));
    }
  }
  return made;
}

inline PageRecord page(uint32_t number, std::vector<Block> blocks) {
  PageRecord made;
  made.page = number;
  made.width_pt = 612;
  made.height_pt = 792;
  made.blocks = std::move(blocks);
  return made;
}

inline std::string output(const std::vector<PageRecord>& records,
                          const proto::JobOptions& options = {}, const DocumentInfo& info = {},
                          const SavedPictures& saved = {}) {
  std::vector<uint32_t> pages;
  for (const PageRecord& record : records) pages.push_back(record.page);
  std::string out;
  Status written = write_outputs(
      info, pages, options,
      [&](uint32_t number) -> Result<PageRecord> {
        for (const PageRecord& record : records)
          if (record.page == number) return record;
        return Error{ErrorCode::kIo, "no such page", ""};
      },
      [&](const std::string&) -> Result<ByteSink> {
        return ByteSink([&](std::string_view bytes) -> Status {
          out += bytes;
          return Ok{};
        });
      },
      saved);
  return written ? out : "error: " + written.error().message;
}

}  // namespace pdf2md::document::test
