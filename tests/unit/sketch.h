// Pages drawn by hand, for tests of page analysis.
#pragma once

#include <string>
#include <vector>

#include "document/stages.h"

namespace pdf2md::document::test {

struct Sketch {
  PageInput input;
  Sketch() {
    input.page = 7;
    input.width_pt = 600;
    input.height_pt = 800;
  }
  void line(std::string text, float x, float y, float width, float size = 10, uint16_t style = 0) {
    Line line;
    line.box = {x, y - 0.8f * size, x + width, y + 0.2f * size};
    line.baseline_y = y;
    Span span;
    span.text = std::move(text);
    span.size_pt = size;
    span.style = style;
    span.box = line.box;
    line.spans.push_back(std::move(span));
    input.lines.push_back(std::move(line));
  }
  // Full lines of prose and a short last one.
  void paragraph(const std::string& first, float x, float y, int lines, float width = 400) {
    for (int i = 0; i < lines; ++i) {
      const bool last = i + 1 == lines;
      line(i == 0 ? first + " and so on with many words"
           : last ? "its end."
                  : "that go on with many words here",
           x, y + 12.0f * static_cast<float>(i), last ? 0.3f * width : width);
    }
  }
};

inline std::vector<BlockType> types(const PageRecord& record) {
  std::vector<BlockType> out;
  for (const Block& block : record.blocks) out.push_back(block.type);
  return out;
}

inline std::string start_of(const Block& block) {
  return block.lines.front().text().substr(0, 5);
}

}  // namespace pdf2md::document::test
